namespace Fletcher.Diagnosis;

/// <summary>A line of an excerpt.</summary>
/// <param name="Number">Its number in the file, from 1.</param>
/// <param name="Text">Its text, shortened when it is very long.</param>
/// <param name="IsMarked">Whether it is the line that the excerpt is about.</param>
public sealed record SourceLine(int Number, string Text, bool IsMarked);

/// <summary>The lines around a place in the source.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The line that it is about, from 1.</param>
/// <param name="Lines">That line and its neighbours.</param>
public sealed record SourceExcerpt(string File, int Line, IReadOnlyList<SourceLine> Lines)
{
    private const int Around = 2;
    private const int MaxWidth = 200;
    private const long MaxFileBytes = 16 * 1024 * 1024;

    /// <summary>
    /// Reads the excerpt from the disk, or null when the file is not there (the program may run on another machine than the
    /// one it was built on), is not readable, or has no such line.
    /// </summary>
    public static SourceExcerpt? Read(string? file, int line)
    {
        if (string.IsNullOrEmpty(file) || line < 1 || !Path.IsPathFullyQualified(file))
            return null;

        try
        {
            var info = new FileInfo(file);
            if (!info.Exists || info.Length > MaxFileBytes)
                return null;

            var lines = new List<SourceLine>();
            var number = 0;
            foreach (var text in System.IO.File.ReadLines(file))
            {
                if (++number > line + Around)
                    break;
                if (number >= line - Around)
                    lines.Add(new SourceLine(number, Shorten(text), number == line));
            }
            return number >= line ? new SourceExcerpt(file, line, Unindent(lines)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static string Shorten(string text)
    {
        text = text.Replace("\t", "    ", StringComparison.Ordinal).TrimEnd();
        return text.Length <= MaxWidth ? text : text[..MaxWidth] + "…";
    }

    private static List<SourceLine> Unindent(List<SourceLine> lines)
    {
        var indent = lines.Where(static l => l.Text.Length > 0)
            .Select(static l => l.Text.Length - l.Text.TrimStart(' ').Length)
            .DefaultIfEmpty(0).Min();
        return lines.ConvertAll(l => l.Text.Length == 0 ? l : l with { Text = l.Text[indent..] });
    }
}
