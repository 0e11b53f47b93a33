using System.Text;
using Fletcher.Model;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Texts as the database can keep them: it has no NUL character. So NUL is U+001A (substitute) and '0', and U+001A itself is U+001A and '1';
/// half of a surrogate pair, which is no character, becomes U+FFFD.
/// </summary>
internal static class Texts
{
    private const char Escape = '\u001A';

    public static string? Encode(string? text)
    {
        if (text is null)
            return null;
        if (text.AsSpan().ContainsAny('\0', Escape))
            text = text.Replace("\u001A", "\u001A1", StringComparison.Ordinal).Replace("\0", "\u001A0", StringComparison.Ordinal);
        return HasLoneSurrogate(text) ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;
    }

    public static string Decode(string text) => text.Contains(Escape, StringComparison.Ordinal)
        ? text.Replace("\u001A0", "\0", StringComparison.Ordinal).Replace("\u001A1", "\u001A", StringComparison.Ordinal)
        : text;

    /// <summary>By what a text is found that may be longer than an index entry may be.</summary>
    public static Guid Hash(string text) => ContentHash.Of(Encoding.UTF8.GetBytes(text)).ToGuid();

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return true;
            i++;
        }

        return false;
    }
}
