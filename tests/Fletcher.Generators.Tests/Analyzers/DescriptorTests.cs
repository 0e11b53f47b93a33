using System.Text.RegularExpressions;
using Fletcher.Generators.Analyzers;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Fletcher.Generators.Tests.Analyzers;

/// <summary>Each diagnostic can be looked up.</summary>
public sealed class DescriptorTests
{
    private static readonly string Root = FindRoot();

    [Fact]
    public void Each_id_is_there_once() =>
        Assert.Equal(Diagnostics.All.Length, Diagnostics.All.Select(d => d.Id).Distinct().Count());

    [Fact]
    public void The_table_has_all_descriptors() => Assert.Equal(
        typeof(Diagnostics).GetFields(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)
            .Count(f => f.FieldType == typeof(Microsoft.CodeAnalysis.DiagnosticDescriptor)),
        Diagnostics.All.Length);

    [Fact]
    public void Each_is_reported_by_an_analyzer()
    {
        var supported = typeof(Diagnostics).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !t.IsAbstract)
            .SelectMany(t => ((DiagnosticAnalyzer)Activator.CreateInstance(t)!).SupportedDiagnostics);

        Assert.Equal(Diagnostics.All.Select(d => d.Id).Order(), supported.Select(d => d.Id).Distinct().Order());
    }

    [Fact]
    public void Each_has_a_page_and_a_link_to_it()
    {
        foreach (var descriptor in Diagnostics.All)
        {
            Assert.EndsWith($"/docs/analyzers/{descriptor.Id}.md", descriptor.HelpLinkUri, StringComparison.Ordinal);
            var page = Path.Combine(Root, "docs", "analyzers", descriptor.Id + ".md");
            Assert.True(File.Exists(page), $"{descriptor.Id} has no page");
            var text = File.ReadAllText(page);
            Assert.StartsWith($"# {descriptor.Id}: {descriptor.Title}", text, StringComparison.Ordinal);
            foreach (var section in new[] { "## Why", "## Reported", "## Fixed" })
                Assert.Contains(section, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_page_is_left_over() => Assert.Equal(
        Diagnostics.All.Select(d => d.Id).Order(),
        Directory.GetFiles(Path.Combine(Root, "docs", "analyzers"), "FLT*.md").Select(Path.GetFileNameWithoutExtension).Order());

    [Fact]
    public void The_index_has_each_with_its_severity()
    {
        var index = File.ReadAllText(Path.Combine(Root, "docs", "analyzers", "README.md"));

        Assert.All(Diagnostics.All, d => Assert.Contains(
            $"| [{d.Id}]({d.Id}.md) | {d.DefaultSeverity.ToString().ToLowerInvariant()} | {d.Title} |", index, StringComparison.Ordinal));
    }

    [Fact]
    public void The_hundred_tells_the_category()
    {
        string[] categories = ["Fletcher.Usage", "Fletcher.Repeatability", "Fletcher.Serialisation", "Fletcher.Interception"];

        Assert.All(Diagnostics.All, d =>
        {
            Assert.Matches(new Regex("^FLT0[0-3][0-9]{2}$"), d.Id);
            Assert.Equal(categories[d.Id[4] - '0'], d.Category);
        });
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Fletcher.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return folder;
    }
}
