using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>
/// Rows under headings. Columns are as wide as they need to be; when the lines would become wider than there is room, the column that may shrink is cut, and never a line wrapped.
/// </summary>
internal sealed class Table(params TableColumn[] columns)
{
    private const int Gap = 2;
    private const int LeastShrunk = 8;

    private readonly List<(string Text, Tone Tone)[]> _rows = [];

    internal int Count => _rows.Count;

    internal void Add(params (string Text, Tone Tone)[] cells) => _rows.Add(cells);

    internal IEnumerable<StyledLine> Lines(int width, string ellipsis)
    {
        var widths = new int[columns.Length];
        for (var i = 0; i < columns.Length; i++)
            widths[i] = Math.Max(columns[i].Title.Length, _rows.Count == 0 ? 0 : _rows.Max(row => CellCount(row[i].Text)));

        // From the last on: what is written last says the least.
        for (var i = columns.Length - 1; i >= 0; i--)
        {
            var tooMuch = widths.Sum() + (Gap * (columns.Length - 1)) - width;
            if (tooMuch > 0 && columns[i].Shrinks)
                widths[i] = Math.Max(Math.Min(LeastShrunk, widths[i]), widths[i] - tooMuch);
        }

        yield return Line(columns.Select(static column => (column.Title, Tone.Dim)), widths, ellipsis);
        foreach (var row in _rows)
            yield return Line(row, widths, ellipsis);
    }

    private StyledLine Line(IEnumerable<(string Text, Tone Tone)> cells, int[] widths, string ellipsis)
    {
        var line = new StyledLine { IsVerbatim = true };
        var i = 0;
        foreach (var (text, tone) in cells)
        {
            var shown = Cut(text, widths[i], ellipsis);
            var space = new string(' ', Math.Max(0, widths[i] - CellCount(shown)));
            var isLast = i == columns.Length - 1;
            if (columns[i].IsNumber)
                line.Add(space).Add(shown, tone);
            else
                line.Add(shown, tone).Add(isLast ? "" : space);
            line.Add(isLast ? "" : new string(' ', Gap));
            i++;
        }

        return line;
    }

    private static string Cut(string text, int width, string ellipsis)
    {
        if (CellCount(text) <= width)
            return text;
        var end = Math.Min(text.Length, width);
        while (end > 0 && CellCount(text[..end]) > width - ellipsis.Length)
            end--;
        return end > 0 && char.IsHighSurrogate(text[end - 1]) ? text[..(end - 1)] + ellipsis : text[..end] + ellipsis;
    }

    // Nearly every text is of characters that take one column each.
    private static int CellCount(string text) => text.AsSpan().IndexOfAnyInRange('\u1100', '\uffff') < 0 ? text.Length : TerminalPaint.CellCount(text);
}

/// <summary>A column.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Shrinks">Whether it may be cut.</param>
/// <param name="IsNumber">Whether it is aligned to the right.</param>
internal readonly record struct TableColumn(string Title, bool Shrinks = false, bool IsNumber = false);
