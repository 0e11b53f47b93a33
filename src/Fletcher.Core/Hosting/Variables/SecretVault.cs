using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Fletcher.Masking;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>Encrypts and reveals the secrets of a store. What it has revealed is masked from then on.</summary>
/// <param name="store">The store; open before it is used.</param>
/// <param name="protector">Makes what encrypts, at its first use.</param>
internal sealed class SecretVault(IRunStore store, Func<ISecretProtector> protector)
{
    private const int LongestText = 64 * 1024;
    private const string ValuePurpose = "value";

    private readonly ConcurrentDictionary<string, (byte[] Bytes, string Text)> _revealed = new(StringComparer.Ordinal);
    private readonly Lazy<ISecretProtector> _protector = new(protector);

    /// <summary>Told the name of each secret when it is revealed for the first time.</summary>
    internal Action<string>? Revealed { get; init; }

    /// <summary>The clear text, as it is in the store now.</summary>
    /// <exception cref="FletcherUsageException">There is no such secret, or it cannot be decrypted here.</exception>
    internal async ValueTask<string> RevealAsync(string name, CancellationToken cancellationToken)
    {
        VariableNames.Check(VariableKind.Secret, name);
        var record = await Variables(store).GetAsync(VariableKind.Secret, name, cancellationToken).ConfigureAwait(false)
            ?? throw await VariableNames.MissingAsync(store, VariableKind.Secret, name, cancellationToken).ConfigureAwait(false);
        if (_revealed.TryGetValue(name, out var known) && record.Value.Span.SequenceEqual(known.Bytes))
            return known.Text;
        var bytes = record.Value.ToArray();
        string text;
        try
        {
            text = Encoding.UTF8.GetString(_protector.Value.Unprotect(PurposeOf(name), bytes));
        }
        catch (CryptographicException e)
        {
            throw new FletcherUsageException("FLT1812", $"The secret '{name}' (version {record.Version}, set by {record.ChangedBy} at {record.ChangedAt:u}) cannot be decrypted: {e.Message} {WhatToDo(name)}", e);
        }

        SecretMask.Add(text);
        Revealed?.Invoke(name);
        _revealed[name] = (bytes, text);
        return text;
    }

    /// <summary>What is kept of a secret.</summary>
    /// <exception cref="FletcherUsageException">It is too short or too long, or there are no keys.</exception>
    internal byte[] Protect(string name, string text)
    {
        VariableNames.Check(VariableKind.Secret, name);
        if (text.Length < SecretForms.Shortest)
            throw new FletcherUsageException("FLT1813", $"The secret '{name}' has {text.Length} characters. It must have {SecretForms.Shortest} at least: a shorter one could not be masked without masking half of every text.");
        var clear = Encoding.UTF8.GetBytes(text);
        if (clear.Length > LongestText)
            throw new FletcherUsageException("FLT1813", $"The secret '{name}' has {clear.Length} bytes; {LongestText} are allowed. Keep large ones elsewhere, and the key to them here.");
        SecretMask.Add(text);
        return _protector.Value.Protect(PurposeOf(name), clear);
    }

    /// <summary>Encrypts a value that has a secret in it and must come back as it is.</summary>
    internal byte[] ProtectValue(byte[] clear) => _protector.Value.Protect(ValuePurpose, clear);

    /// <exception cref="FletcherUsageException">It cannot be decrypted here.</exception>
    internal byte[] UnprotectValue(byte[] bytes)
    {
        try
        {
            return _protector.Value.Unprotect(ValuePurpose, bytes);
        }
        catch (CryptographicException e)
        {
            throw new FletcherUsageException("FLT1815", $"A value that has a secret in it, and is kept encrypted, cannot be decrypted: {e.Message} {SameKeys}", e);
        }
    }

    /// <exception cref="FletcherUsageException">The store keeps none.</exception>
    internal static IVariableStore Variables(IRunStore store) =>
        store.Variables ?? throw new FletcherUsageException("FLT1804", $"The store ({store.Description}) keeps no variables and no secrets.");

    private const string SameKeys = $"Let this process use the keys of the one that wrote it: copy them there, or name a directory that both have in {SecretProtection.KeysVariable} or FletcherOptions.SecretKeys.";

    private static string PurposeOf(string name) => $"secret {name}";

    private static string WhatToDo(string name) => $"{SameKeys} If the key is lost, so is the secret: set it again with 'fletcher secrets set {name}'.";
}
