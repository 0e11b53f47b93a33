using System.Reflection;

namespace Fletcher.Hosting;

/// <summary>Finds what encrypts secrets, at their first use: a program without secrets loads nothing for them.</summary>
internal static class SecretProtection
{
    /// <summary>The environment variable that names the directory of the keys.</summary>
    internal const string KeysVariable = "FLETCHER_KEYS";

    /// <summary>That of the package Fletcher. The core knows no encryption but by <see cref="ISecretProtector"/>; the package that people install does, and is found by name.</summary>
    /// <param name="keys">The directory of the keys; null for the default.</param>
    /// <param name="services">An application's services; null where there are none.</param>
    internal static ISecretProtector Find(string? keys, IServiceProvider? services)
    {
        var make = Type.GetType("Fletcher.Protection.DataProtectionSecrets, Fletcher")?.GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic, [typeof(string), typeof(IServiceProvider)])
            ?? throw new FletcherUsageException("FLT1814", "Secrets were used, and there is nothing to encrypt them with. Reference the package Fletcher, or set FletcherOptions.SecretProtector.");
        return make.CreateDelegate<Func<string?, IServiceProvider?, ISecretProtector>>()(keys, services);
    }
}
