using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fletcher.Terminal;

/// <summary>Makes of our lines what Spectre.Console can put on a terminal.</summary>
internal static class SpectrePaint
{
    /// <summary>A line that is cut at the terminal's edge.</summary>
    internal static Paragraph Cut(StyledLine line)
    {
        var paragraph = Paint(line, new string(' ', line.Indent));
        paragraph.Overflow = Overflow.Ellipsis;
        return paragraph;
    }

    /// <summary>A line that goes on below, at the same indent, when it is too long.</summary>
    internal static IRenderable Wrap(StyledLine line) => line.Parts.Count == 0
        ? new Paragraph(" ")
        : new Padder(Paint(line, ""), new Padding(line.Indent, 0, 0, 0));

    private static Paragraph Paint(StyledLine line, string start)
    {
        var paragraph = new Paragraph(start);
        foreach (var part in line.Parts)
            paragraph.Append(part.Text, StyleOf(part.Tone));
        return paragraph;
    }

    private static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Strong => new Style(decoration: Decoration.Bold),
        Tone.Dim => new Style(Color.Grey),
        Tone.Good => new Style(Color.Green),
        Tone.Bad => new Style(Color.Red),
        Tone.Warning => new Style(Color.Yellow),
        Tone.Accent => new Style(Color.Aqua),
        _ => Style.Plain,
    };
}
