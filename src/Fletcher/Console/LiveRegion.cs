using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fletcher.Terminal;

/// <summary>
/// The last lines of the terminal, drawn again and again. Between two frames the cursor stands below the region at the start
/// of a line and is visible, so a process that is killed leaves the terminal in order: there is nothing to restore.
/// </summary>
/// <remarks>
/// Spectre's own live display hides the cursor, and counts the lines to go back by the width at which they were drawn; after
/// the window became narrower the terminal has wrapped them, and it would go back too little.
/// </remarks>
internal sealed class LiveRegion
{
    private readonly Lock _gate = new();
    private readonly IAnsiConsole _console;
    private readonly TerminalOutput _output;
    private readonly Glyphs _glyphs;

    // How wide each line of the region is on the screen.
    private readonly List<int> _drawn = [];
    private int _generation;

    internal LiveRegion(TerminalOutput output, IAnsiConsole console, Glyphs glyphs) =>
        (_output, _console, _glyphs) = (output, console, glyphs);

    internal int Height => _output.Height;

    /// <summary>Grows whenever the region was ended; a frame composed before that is not drawn any more.</summary>
    internal int Generation => Volatile.Read(ref _generation);

    /// <summary>Draws a frame in place of the one before.</summary>
    internal void Draw(int generation, IReadOnlyList<StyledLine> lines)
    {
        lock (_gate)
        {
            if (generation != _generation)
                return;
            // Terminals that know synchronised output show the frame at once; others ignore the request.
            _output.Writer.Write("\e[?2026h");
            Erase();
            var width = Math.Max(_output.Width - 1, 10);
            foreach (var line in lines)
            {
                var segments = SpectrePaint.Cut(line, width, _glyphs.Ellipsis);
                _drawn.Add(Segment.CellCount(segments));
                _console.Write(new Rendered([.. segments, Segment.LineBreak]));
            }
            _output.Writer.Write("\e[?2026l");
            _output.Commit();
        }
    }

    /// <summary>Writes lines that stay. The region comes back below them with the next frame.</summary>
    internal void WriteAbove(IReadOnlyList<StyledLine> lines, bool endsRegion = false)
    {
        lock (_gate)
        {
            if (endsRegion)
                _generation++;
            Erase();
            foreach (var line in lines)
                WriteWrapped(line);
            _output.Commit();
        }
    }

    /// <summary>Writes to another stream of the same terminal.</summary>
    internal void PassThrough(TextWriter target, ReadOnlySpan<char> text)
    {
        lock (_gate)
        {
            if (_drawn.Count > 0)
            {
                Erase();
                _output.Commit();
            }
            target.Write(text);
            target.Flush();
        }
    }

    private void WriteWrapped(StyledLine line)
    {
        if (line.IsVerbatim)
        {
            _console.Write(new Rendered([.. SpectrePaint.Segments(line), Segment.LineBreak]));
            return;
        }
        var options = RenderOptions.Create(_console, _console.Profile.Capabilities);
        var rows = Segment.SplitLines(SpectrePaint.Wrap(line).Render(options, _output.Width));
        _console.Write(new Rendered([.. rows.SelectMany(TrimEnd)]));
    }

    // Padding fills lines up to the edge; that would be copied from the terminal, and wrap when it becomes narrower.
    private static IEnumerable<Segment> TrimEnd(SegmentLine row)
    {
        var count = row.Count;
        while (count > 0 && string.IsNullOrWhiteSpace(row[count - 1].Text))
            count--;
        return row.Take(count).Append(Segment.LineBreak);
    }

    private void Erase()
    {
        if (_drawn.Count == 0)
            return;
        var width = _output.Width;
        // A terminal that became narrower has wrapped the lines.
        var rows = _drawn.Sum(drawn => Math.Max(1, (drawn + width - 1) / width));
        _output.Writer.Write(string.Create(CultureInfo.InvariantCulture, $"\r\e[{Math.Min(rows, _output.Height - 1)}A\e[J"));
        _drawn.Clear();
    }

    // What is rendered already, so that the console's own width (which may just be changing) does not count.
    private sealed class Rendered(IReadOnlyList<Segment> segments) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => new(0, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => segments;
    }
}
