using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher;

/// <summary>The secrets of the host's store: texts that are kept encrypted and shown to nobody. Set them with <c>fletcher secrets set</c> or <see cref="FletcherClient.SetSecretAsync"/>.</summary>
public static class Secrets
{
    /// <summary>A secret by its name. The store is asked when it is revealed, not before.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="FletcherUsageException">The name is not allowed.</exception>
    public static Secret Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        VariableNames.Check(VariableKind.Secret, name);
        return new Secret(name);
    }
}
