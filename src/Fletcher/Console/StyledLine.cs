using System.Text;

namespace Fletcher.Terminal;

/// <summary>What a piece of text means, from which a terminal gets its colour.</summary>
internal enum Tone
{
    Normal,
    Strong,
    Dim,
    Good,
    Bad,
    Warning,
    Accent,
}

/// <summary>A piece of a line.</summary>
internal readonly record struct StyledText(string Text, Tone Tone);

/// <summary>
/// A line to show: the same for a terminal, which colours it, and for a file, which gets the text alone.
/// </summary>
internal sealed class StyledLine
{
    private readonly List<StyledText> _parts = [];

    internal StyledLine(int indent = 0) => Indent = indent;

    internal static StyledLine Empty { get; } = new();

    /// <summary>Columns before the text; a terminal keeps them when it has to wrap the line.</summary>
    internal int Indent { get; }

    /// <summary>
    /// Whether it is to be copied: a terminal may wrap it, but no line break is put into it, which would be copied too.
    /// </summary>
    internal bool IsVerbatim { get; init; }

    internal IReadOnlyList<StyledText> Parts => _parts;

    /// <summary>Adds text. Control characters become spaces: what a run says must not move the cursor.</summary>
    internal StyledLine Add(string text, Tone tone = Tone.Normal)
    {
        if (text.Length > 0)
            _parts.Add(new StyledText(Clean(text), tone));
        return this;
    }

    public override string ToString()
    {
        var text = new StringBuilder().Append(' ', Indent);
        foreach (var part in _parts)
            text.Append(part.Text);
        return text.ToString().TrimEnd();
    }

    private static string Clean(string text)
    {
        foreach (var c in text)
            if (char.IsControl(c))
                return string.Create(text.Length, text, static (span, from) =>
                {
                    for (var i = 0; i < span.Length; i++)
                        span[i] = char.IsControl(from[i]) ? ' ' : from[i];
                });
        return text;
    }
}
