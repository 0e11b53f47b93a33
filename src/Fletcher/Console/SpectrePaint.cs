using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fletcher.Terminal;

/// <summary>Makes of our lines what Spectre.Console can put on a terminal.</summary>
internal static class SpectrePaint
{
    /// <summary>The line as it is.</summary>
    internal static List<Segment> Segments(StyledLine line) =>
        [new(new string(' ', line.Indent)), .. line.Parts.Select(static p => new Segment(p.Text, StyleOf(p.Tone)))];

    /// <summary>A line that is cut at this width.</summary>
    internal static List<Segment> Cut(StyledLine line, int width, string ellipsis)
    {
        var segments = Segments(line);
        if (Segment.CellCount(segments) <= width)
            return segments;

        var kept = new List<Segment>();
        var left = width - ellipsis.Length;
        foreach (var segment in segments)
        {
            var cells = segment.CellCount();
            if (cells > left)
            {
                kept.Add(segment.Split(left).First);
                break;
            }
            kept.Add(segment);
            left -= cells;
        }
        kept.Add(new Segment(ellipsis, StyleOf(Tone.Dim)));
        return kept;
    }

    /// <summary>A line that goes on below, at the same indent, when it is too long.</summary>
    internal static IRenderable Wrap(StyledLine line) => line.Parts.Count == 0
        ? new Paragraph(" ")
        : new Padder(Paint(line), new Padding(line.Indent, 0, 0, 0));

    private static Paragraph Paint(StyledLine line)
    {
        var paragraph = new Paragraph();
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
