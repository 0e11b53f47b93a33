using System.Diagnostics;
using System.Text.Json.Serialization;
using Fletcher.Engine;

namespace Fletcher;

/// <summary>
/// A secret by its name. It may be given to steps and flows: what is stored and shown of it is the name (<c>{"$secret":"smtp"}</c>), also as a JSON parameter. Two of the same name are equal, and are the
/// same input of a step, whatever the text is by now. Get one with <see cref="Secrets.Get"/>.
/// </summary>
[DebuggerDisplay("***")]
[JsonConverter(typeof(SecretJsonConverter))]
public sealed class Secret : IEquatable<Secret>
{
    internal Secret(string name) => Name = name;

    /// <summary>The secret's name.</summary>
    public string Name { get; }

    /// <summary>
    /// The clear text as it is in the store now, not as it was when the flow began. From then on this process masks it: in logs, errors, inputs and the console it is <c>***</c>.
    /// </summary>
    /// <exception cref="FletcherUsageException">There is no such secret, or it cannot be decrypted here.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read.</exception>
    public string Reveal() => RevealAsync().GetAwaiter().GetResult();

    /// <inheritdoc cref="Reveal"/>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string> RevealAsync(CancellationToken cancellationToken = default)
    {
        var host = Flow.CurrentHost;
        await host.OpenForClientAsync(cancellationToken).ConfigureAwait(false);
        return await host.Vault.RevealAsync(Name, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public bool Equals(Secret? other) => other is not null && other.Name == Name;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name);

    /// <summary><c>***</c>, so that no text that it is put into has more of it.</summary>
    public override string ToString() => "***";
}
