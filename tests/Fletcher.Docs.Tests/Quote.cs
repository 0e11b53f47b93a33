namespace Fletcher.Docs.Tests;

/// <summary>
/// A code block of a page that is taken from a file: <c>&lt;!-- example: retries.cs#steps --&gt;</c> before a fence says that what
/// follows is that region of the file (without a region: all of it but the directives).
/// </summary>
/// <param name="Page">The page.</param>
/// <param name="Source">The file's name in docs/examples.</param>
/// <param name="Region">The region; null for the whole file.</param>
/// <param name="First">The index of the block's first line in the page.</param>
/// <param name="Lines">The block's lines.</param>
internal sealed record Quote(string Page, string Source, string? Region, int First, string[] Lines)
{
    private const string Start = "<!-- example: ";

    /// <summary>A line that stands for lines left out of what a program wrote.</summary>
    internal const string LeftOut = "…";

    internal bool IsOutput => Source.EndsWith(".txt", StringComparison.Ordinal);

    internal string Path => System.IO.Path.Combine(Repository.Examples, Source);

    internal static IEnumerable<Quote> In(string page)
    {
        var lines = File.ReadAllLines(page);
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(Start, StringComparison.Ordinal))
                continue;
            var source = lines[i][Start.Length..].Replace("-->", "", StringComparison.Ordinal).Trim().Split('#');
            var first = i + 2;
            Assert.True(lines[i + 1].StartsWith("```", StringComparison.Ordinal), $"{page}:{i + 2}: a fence is expected below the marker");
            var end = Array.IndexOf(lines, "```", first);
            Assert.True(end > 0, $"{page}:{i + 2}: the fence is not closed");
            Assert.True(end > first, $"{page}:{i + 2}: the fence is empty");
            yield return new Quote(page, source[0], source.Length > 1 ? source[1] : null, first, lines[first..end]);
        }
    }

    internal bool IsShortened => Lines.Contains(LeftOut);

    /// <summary>What the page should show.</summary>
    internal string[] Expected()
    {
        var lines = File.ReadAllLines(Path);
        if (IsOutput)
            return lines;
        if (Region is null)
            return Trim([.. lines.Where(line => !line.StartsWith("#:", StringComparison.Ordinal) && !IsRegion(line))]);
        var start = Array.FindIndex(lines, line => line.Trim() == $"#region {Region}");
        Assert.True(start >= 0, $"{Source} has no region '{Region}'");
        var end = Array.FindIndex(lines, start, line => line.Trim() == "#endregion");
        var region = lines[(start + 1)..end];
        var indent = region.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return [.. region.Select(line => line.Length == 0 ? line : line[indent..])];
    }

    /// <summary>Whether an output block is what the program wrote, or pieces of it in their order.</summary>
    internal bool IsPartOf(IEnumerable<string> recorded)
    {
        var transcript = recorded.Select(Transcript.Normalise).ToArray();
        var at = 0;
        var piece = new List<string>();
        foreach (var line in Lines.Select(Transcript.Normalise).Append(LeftOut))
        {
            if (line != LeftOut)
            {
                piece.Add(line);
                continue;
            }

            while (at + piece.Count <= transcript.Length && !transcript.AsSpan(at, piece.Count).SequenceEqual(piece.ToArray()))
                at++;
            if (at + piece.Count > transcript.Length)
                return false;
            at += piece.Count;
            piece.Clear();
        }

        return true;
    }

    private static bool IsRegion(string line) =>
        line.TrimStart() is var text && (text.StartsWith("#region", StringComparison.Ordinal) || text == "#endregion");

    private static string[] Trim(string[] lines) =>
        [.. lines.SkipWhile(string.IsNullOrEmpty)];
}
