using System.Text.RegularExpressions;

namespace Fletcher.Docs.Tests;

/// <summary>The pages show the examples as they are, their links lead somewhere, and every error id is explained.</summary>
public sealed partial class PageTests
{
    [Fact]
    public void A_code_block_with_a_source_is_that_source()
    {
        var wrong = new List<string>();
        foreach (var page in Repository.Pages())
        {
            // From the last to the first, so that an update does not move the others.
            foreach (var quote in Quote.In(page).Reverse())
            {
                var where = $"{Repository.Relative(page)}:{quote.First}";
                if (quote.IsOutput ? quote.IsPartOf(File.ReadLines(quote.Path)) : quote.Lines.SequenceEqual(quote.Expected()))
                    continue;
                if (ExampleTests.IsUpdate && !quote.IsShortened)
                    Replace(quote);
                else
                    wrong.Add($"{where}: this is not (any more) what {quote.Source} {(quote.IsOutput ? "is" : "has")}{(quote.Region is null ? "" : " in region " + quote.Region)}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public void Every_csharp_block_of_the_guides_has_a_source()
    {
        var bare = new List<string>();
        foreach (var page in Repository.Pages().Where(IsGuide))
        {
            var lines = File.ReadAllLines(page);
            for (var i = 0; i < lines.Length; i++)
            {
                if (lines[i] == "```csharp" && (i == 0 || !lines[i - 1].StartsWith("<!-- example: ", StringComparison.Ordinal)))
                    bare.Add($"{Repository.Relative(page)}:{i + 1}");
            }
        }

        Assert.True(bare.Count == 0, "Code that nothing checks:\n" + string.Join("\n", bare));
    }

    [Fact]
    public void Every_relative_link_leads_somewhere()
    {
        var dead = new List<string>();
        foreach (var page in Repository.Pages())
        {
            foreach (Match link in Link().Matches(WithoutCode(File.ReadAllText(page))))
            {
                var target = link.Groups[1].Value;
                if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
                    continue;
                var parts = target.Split('#');
                var file = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
                if (!File.Exists(file) && !Directory.Exists(file))
                    dead.Add($"{Repository.Relative(page)}: {target}");
                else if (parts.Length > 1 && !Anchors(file).Contains(parts[1]))
                    dead.Add($"{Repository.Relative(page)}: {target} (no such heading)");
            }
        }

        Assert.True(dead.Count == 0, "Links that lead nowhere:\n" + string.Join("\n", dead));
    }

    [Fact]
    public void Every_error_id_is_explained()
    {
        var diagnostics = File.ReadAllText(Path.Combine(Repository.Root, "docs", "diagnostics.md"));
        var missing = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => ErrorId().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .Distinct()
            .Order(StringComparer.Ordinal)
            .Where(id => !Regex.IsMatch(diagnostics, $"^#+ {id}\\b", RegexOptions.Multiline)
                && !File.Exists(Path.Combine(Repository.Root, "docs", "analyzers", $"{id}.md")))
            .ToList();

        Assert.True(missing.Count == 0, "Ids without a section in docs/diagnostics.md or a page in docs/analyzers: " + string.Join(", ", missing));
    }

    [Fact]
    public void Every_page_is_in_the_index()
    {
        var index = File.ReadAllText(Path.Combine(Repository.Root, "docs", "README.md"));
        var missing = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md")
            .Select(Path.GetFileName)
            .Where(page => page != "README.md" && !index.Contains($"({page})", StringComparison.Ordinal));

        Assert.Empty(missing);
    }

    [Fact]
    public void The_readme_stays_short() =>
        Assert.InRange(File.ReadAllLines(Path.Combine(Repository.Root, "README.md")).Length, 1, 199);

    // The pages about single analyzers show code that is meant to be wrong; decisions show shapes.
    private static bool IsGuide(string page) =>
        !Repository.Relative(page).Contains("analyzers", StringComparison.Ordinal)
        && !Repository.Relative(page).Contains("decisions", StringComparison.Ordinal);

    private static void Replace(Quote quote)
    {
        var lines = File.ReadAllLines(quote.Page).ToList();
        lines.RemoveRange(quote.First, quote.Lines.Length);
        lines.InsertRange(quote.First, quote.Expected());
        File.WriteAllLines(quote.Page, lines);
    }

    private static string WithoutCode(string text) => InlineCode().Replace(Fence().Replace(text, ""), "");

    private static HashSet<string> Anchors(string file) =>
    [
        .. Heading().Matches(Fence().Replace(File.ReadAllText(file), ""))
            .Select(heading => NotInAnchor().Replace(heading.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-')),
    ];

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("""["'](FLT\d{4})["']""")]
    private static partial Regex ErrorId();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex InlineCode();
}
