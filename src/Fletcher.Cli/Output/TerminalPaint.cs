using Fletcher.Terminal;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fletcher.Cli;

/// <summary>Puts lines on a terminal in colours. Apart from <see cref="Printer"/>, so that only who has a terminal loads what paints.</summary>
internal static class TerminalPaint
{
    internal static void Write(TextWriter output, IEnumerable<StyledLine> lines, int width)
    {
        using var buffer = new TerminalOutput(output, () => (width, 24));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Detect, Interactive = InteractionSupport.No, Out = buffer });
        foreach (var line in lines)
        {
            // One that fits, and one that is to be copied, is written as it is.
            var segments = SpectrePaint.Segments(line);
            if (line.IsVerbatim || Segment.CellCount(segments) <= width)
                console.Write(new Painted([.. segments, Segment.LineBreak]));
            else
                console.Write(SpectrePaint.Wrap(line));
        }

        buffer.Commit();
    }

    /// <summary>How many columns a text takes.</summary>
    internal static int CellCount(string text) => new Segment(text).CellCount();

    private sealed class Painted(IReadOnlyList<Segment> segments) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => new(Segment.CellCount(segments), Segment.CellCount(segments));

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => segments;
    }
}
