using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;

namespace Fletcher.Masking;

/// <summary>The texts by which a secret may leave: itself, and what common encodings make of it.</summary>
internal static class SecretForms
{
    /// <summary>A shorter text is no secret that could be masked: it stands in half of all texts.</summary>
    internal const int Shortest = 4;

    /// <summary>Below, the part of a base 64 text that is the secret's alone is too short to be told from chance.</summary>
    private const int ShortestInside = 6;

    /// <summary>Below, a line of a secret of several lines is not looked for by itself.</summary>
    private const int ShortestLine = 8;

    private const string Query = "http://host/?";

    internal static IEnumerable<string> Of(string secret)
    {
        if (secret.Length < Shortest)
            return [];
        var texts = new HashSet<string>(StringComparer.Ordinal);
        Add(texts, secret);
        if (secret.AsSpan().ContainsAny('\r', '\n'))
        {
            // A log has it line by line. "-----BEGIN PRIVATE KEY-----" is no secret.
            foreach (var line in secret.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (line.Length >= ShortestLine && !line.StartsWith("-----", StringComparison.Ordinal))
                    Add(texts, line);
            }

            Add(texts, secret.Trim());
            Add(texts, secret.ReplaceLineEndings("\n"));
        }

        return texts.Where(static text => text.Length >= Shortest);
    }

    private static void Add(HashSet<string> texts, string secret)
    {
        texts.Add(secret);
        AddBoth(texts, Uri.EscapeDataString(secret));
        AddBoth(texts, WebUtility.UrlEncode(secret));

        // Uri.ToString takes back some of the escapes, and leaves others.
        if (Uri.TryCreate(Query + Uri.EscapeDataString(secret), UriKind.Absolute, out var uri))
            AddBoth(texts, uri.ToString()[Query.Length..]);
        texts.Add(WebUtility.HtmlEncode(secret));
        AddBoth(texts, JavaScriptEncoder.Default.Encode(secret));
        AddBoth(texts, JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret));
        AddBase64(texts, Encoding.UTF8.GetBytes(secret));
    }

    // %2F and %2f.
    private static void AddBoth(HashSet<string> texts, string text)
    {
        texts.Add(text);
        if (text.AsSpan().ContainsAny('%', '\\'))
            texts.Add(LowerEscapes(text));
    }

    private static string LowerEscapes(string text)
    {
        var lower = text.ToCharArray();
        for (var i = 0; i < lower.Length; i++)
        {
            var length = lower[i] == '%' ? 3 : lower[i] == '\\' && i + 1 < lower.Length && lower[i + 1] == 'u' ? 6 : 0;
            for (var end = Math.Min(i + length, lower.Length); i < end; i++)
                lower[i] = char.ToLowerInvariant(lower[i]);
            if (length > 0)
                i--;
        }

        return new string(lower);
    }

    /// <summary>
    /// The secret by itself, and inside a longer text ("user:password"): three bytes become four characters, so it may begin at one of three places, and the characters at its
    /// ends that have bits of its neighbours are left out.
    /// </summary>
    private static void AddBase64(HashSet<string> texts, byte[] secret)
    {
        texts.Add(Convert.ToBase64String(secret));
        texts.Add(Base64Url.EncodeToString(secret));
        for (var before = 0; before < 3 && secret.Length >= ShortestInside; before++)
        {
            byte[] shifted = [.. new byte[before], .. secret];
            var first = ((before * 8) + 5) / 6;
            var inside = Convert.ToBase64String(shifted)[first..(shifted.Length * 8 / 6)];
            texts.Add(inside);
            texts.Add(inside.Replace('+', '-').Replace('/', '_'));
        }
    }
}
