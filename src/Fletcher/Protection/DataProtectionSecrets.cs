using System.Security.Cryptography;
using Fletcher.Hosting;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace Fletcher.Protection;

/// <summary>
/// Encrypts secrets with ASP.NET Core's Data Protection. The keys are in a directory outside of the store, so that a copy of the store tells nothing; or where the application's own
/// <see cref="IDataProtectionProvider"/> has them.
/// </summary>
internal sealed class DataProtectionSecrets : ISecretProtector
{
    private const string Application = "Fletcher";
    private const string Purpose = "Fletcher";

    // What Data Protection encrypts begins with four bytes that say so, and the id of the key.
    private const int HeaderLength = 4;
    private const int KeyIdLength = 16;

    private readonly KeyDirectory? _keys;
    private readonly Lock _gate = new();
    private IDataProtectionProvider? _writer;
    private IDataProtectionProvider? _reader;

    private DataProtectionSecrets(KeyDirectory? keys, IDataProtectionProvider? provider) => (_keys, _writer, _reader) = (keys, provider, provider);

    /// <inheritdoc/>
    public string Description => _keys is null ? "where the application's Data Protection has them" : $"in the directory '{_keys.Path}' ({_keys.Source})";

    /// <summary>Called by the core, by name, at the first use of a secret.</summary>
    /// <param name="keys">The directory of the keys; null for the default.</param>
    /// <param name="services">An application's services; null where there are none.</param>
    internal static ISecretProtector Create(string? keys, IServiceProvider? services)
    {
        if (KeyDirectory.Named(keys) is { } named)
            return new DataProtectionSecrets(named, null);
        return services?.GetService(typeof(IDataProtectionProvider)) is IDataProtectionProvider own
            ? new DataProtectionSecrets(null, own)
            : new DataProtectionSecrets(KeyDirectory.Default(), null);
    }

    /// <inheritdoc/>
    public byte[] Protect(string purpose, byte[] clear)
    {
        try
        {
            return Writer().CreateProtector(Purpose, purpose).Protect(clear);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException || IsUnreadable(e))
        {
            throw new FletcherUsageException("FLT1816", $"Nothing can be encrypted: the keys {Description} cannot be read or written: {Innermost(e)} See to the rights on the directory, or name another one in FLETCHER_KEYS.", e);
        }
    }

    /// <inheritdoc/>
    public byte[] Unprotect(string purpose, byte[] protectedBytes)
    {
        try
        {
            return Reader().CreateProtector(Purpose, purpose).Unprotect(protectedBytes);
        }
        catch (CryptographicException) when (_keys is not null && IsThere(protectedBytes))
        {
            // The key came after this process had read the directory: another process has made it.
            Forget();
            return UnprotectAnew(purpose, protectedBytes);
        }
        catch (Exception e) when (e is CryptographicException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw Failed(protectedBytes, e);
        }
    }

    private byte[] UnprotectAnew(string purpose, byte[] protectedBytes)
    {
        try
        {
            return Reader().CreateProtector(Purpose, purpose).Unprotect(protectedBytes);
        }
        catch (Exception e) when (e is CryptographicException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw Failed(protectedBytes, e);
        }
    }

    private CryptographicException Failed(byte[] protectedBytes, Exception error) => KeyIdOf(protectedBytes) is not { } key
        ? new CryptographicException("what the store has is damaged, or was encrypted by something else.", error)
        : _keys is null || IsThere(protectedBytes)
            ? new CryptographicException($"its key {key:D} was looked for {Description}, and did not fit: what the store has is damaged, belongs to another name, or was encrypted for another application. ({Innermost(error)})", error)
            : new CryptographicException($"its key {key:D} is not {Description}.", error);

    private IDataProtectionProvider Writer()
    {
        lock (_gate)
            return _writer ??= Open(_keys!, mayCreate: true);
    }

    // Who only reads makes no directory, and no key that nobody will ever use.
    private IDataProtectionProvider Reader()
    {
        lock (_gate)
            return _reader ??= Open(_keys!, mayCreate: false);
    }

    private static IDataProtectionProvider Open(KeyDirectory keys, bool mayCreate)
    {
        if (mayCreate)
            keys.Create();
        else if (!keys.Exists)
            throw new DirectoryNotFoundException("There is no such directory.");
        var services = new ServiceCollection();
        var builder = services.AddDataProtection().SetApplicationName(Application).PersistKeysToFileSystem(new DirectoryInfo(keys.Path));
        if (OperatingSystem.IsWindows())
            builder.ProtectKeysWithDpapi();
        if (!mayCreate)
            builder.DisableAutomaticKeyGeneration();
        return services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>();
    }

    private void Forget()
    {
        lock (_gate)
            _reader = null;
    }

    private bool IsThere(byte[] protectedBytes) => KeyIdOf(protectedBytes) is { } key && File.Exists(Path.Combine(_keys!.Path, $"key-{key:D}.xml"));

    private static Guid? KeyIdOf(byte[] protectedBytes) => protectedBytes.Length < HeaderLength + KeyIdLength ? null : new Guid(protectedBytes.AsSpan(HeaderLength, KeyIdLength));

    private static bool IsUnreadable(Exception error) => error is CryptographicException or InvalidOperationException or System.Xml.XmlException;

    private static string Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
            error = inner;
        return error.Message;
    }
}
