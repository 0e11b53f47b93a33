using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Fletcher.Masking;

/// <summary>
/// Knows the secrets that were revealed in this process, and takes them out of texts that leave it. It is the process's, not a host's: an exception or the console has no host, and who has seen a secret
/// may put it anywhere. As long as none was revealed, asking costs the look at a field.
/// </summary>
internal static class SecretMask
{
    private static readonly Lock Gate = new();
    private static MaskedTexts? _texts;

    /// <summary>Whether there is anything to mask.</summary>
    internal static bool IsActive => Volatile.Read(ref _texts) is not null;

    /// <summary>Masks a secret from now on, until the process ends.</summary>
    internal static void Add(string secret)
    {
        if (secret.Length < SecretForms.Shortest || (Volatile.Read(ref _texts)?.All.Contains(secret) ?? false))
            return;
        lock (Gate)
        {
            var all = new HashSet<string>(_texts?.All ?? [], StringComparer.Ordinal);
            all.UnionWith(SecretForms.Of(secret));
            if (all.Count > 0)
                Volatile.Write(ref _texts, new MaskedTexts(all));
        }
    }

    /// <summary>The text without secrets; the same text when it has none.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    internal static string? Mask(string? text) =>
        text is not null && Volatile.Read(ref _texts) is { } texts ? texts.Replace(text) ?? text : text;

    /// <summary>The text without secrets; null when it has none, and can stay as it is.</summary>
    internal static string? Replace(ReadOnlySpan<char> text) => Volatile.Read(ref _texts)?.Replace(text);

    /// <summary>How many characters at the end of a text may be the beginning of a secret.</summary>
    internal static int TailOf(ReadOnlySpan<char> text) => Volatile.Read(ref _texts)?.TailOf(text) ?? 0;

    /// <summary>Whether bytes in UTF-8 hold a secret.</summary>
    internal static bool IsIn(ReadOnlySpan<byte> utf8)
    {
        if (Volatile.Read(ref _texts) is not { } texts)
            return false;
        var rented = ArrayPool<char>.Shared.Rent(Encoding.UTF8.GetMaxCharCount(utf8.Length));
        try
        {
            return texts.IsIn(rented.AsSpan(0, Encoding.UTF8.GetChars(utf8, rented)));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented, clearArray: true);
        }
    }
}
