namespace Fletcher.Hosting;

/// <summary>
/// Encrypts what a store must not have in clear, and decrypts it. The keys are not in the store. The package Fletcher brings one that uses ASP.NET Core's Data Protection; give another one to
/// <see cref="FletcherOptions.SecretProtector"/> to use a key vault. Methods are called from any thread.
/// </summary>
public interface ISecretProtector
{
    /// <summary>Where its keys are, for people.</summary>
    string Description { get; }

    /// <summary>Encrypts.</summary>
    /// <param name="purpose">What it is for. What was encrypted for one purpose cannot be decrypted for another.</param>
    /// <param name="clear">The bytes.</param>
    /// <exception cref="FletcherUsageException">There are no keys, and none can be made.</exception>
    byte[] Protect(string purpose, byte[] clear);

    /// <summary>Decrypts.</summary>
    /// <param name="purpose">What it was encrypted for.</param>
    /// <param name="protectedBytes">What <see cref="Protect"/> gave.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The key is not there, or the bytes are not what was given; the message says which key and where it was looked for.</exception>
    byte[] Unprotect(string purpose, byte[] protectedBytes);
}
