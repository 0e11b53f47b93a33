using System.Buffers;
using System.Text;

namespace Fletcher.Masking;

/// <summary>Texts that are not to be seen. It does not change: who learns of one more makes another.</summary>
internal sealed class MaskedTexts
{
    internal const string Mask = "***";

    private readonly SearchValues<string> _any;
    private readonly int _longest;

    // The longest first, so that the first that fits is the one to take; by their first characters.
    private readonly Dictionary<char, string[]> _byStart;

    internal MaskedTexts(IReadOnlyCollection<string> texts)
    {
        All = texts;
        _longest = texts.Max(static text => text.Length);
        _any = SearchValues.Create([.. texts], StringComparison.Ordinal);
        _byStart = texts.GroupBy(static text => text[0]).ToDictionary(static group => group.Key, static group => group.OrderByDescending(static text => text.Length).ToArray());
    }

    internal IReadOnlyCollection<string> All { get; }

    internal bool IsIn(ReadOnlySpan<char> text) => text.ContainsAny(_any);

    /// <summary>The text with the mask in the place of each; null when none is in it.</summary>
    internal string? Replace(ReadOnlySpan<char> text)
    {
        var start = text.IndexOfAny(_any);
        if (start < 0)
            return null;
        var masked = new StringBuilder(text.Length);
        while (start >= 0)
        {
            masked.Append(text[..start]).Append(Mask);
            text = text[EndOf(text, start)..];
            start = text.IndexOfAny(_any);
        }

        return masked.Append(text).ToString();
    }

    /// <summary>How many characters at the end of a text are the beginning of one of them, so that the next piece may complete it.</summary>
    internal int TailOf(ReadOnlySpan<char> text)
    {
        for (var start = Math.Max(0, text.Length - _longest); start < text.Length; start++)
        {
            if (!_byStart.TryGetValue(text[start], out var texts))
                continue;
            foreach (var one in texts)
            {
                if (one.Length > text.Length - start && one.AsSpan().StartsWith(text[start..], StringComparison.Ordinal))
                    return text.Length - start;
            }
        }

        return 0;
    }

    /// <summary>Where that which begins here ends, with those that begin inside it: no part of one that overlaps another may stay.</summary>
    private int EndOf(ReadOnlySpan<char> text, int start)
    {
        var end = start;
        for (var i = start; i <= end && i < text.Length; i++)
        {
            if (!_byStart.TryGetValue(text[i], out var texts))
                continue;
            foreach (var one in texts)
            {
                if (!text[i..].StartsWith(one, StringComparison.Ordinal))
                    continue;
                end = Math.Max(end, i + one.Length);
                break;
            }
        }

        return end;
    }
}
