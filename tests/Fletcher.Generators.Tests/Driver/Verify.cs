using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Fletcher.CodeFixes;
using Fletcher.Generators.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace Fletcher.Generators.Tests.Driver;

/// <summary>Text in, diagnostics and fixed text out. What is to be reported stands in <c>[|…|]</c>.</summary>
internal static class Verify
{
    private static readonly ImmutableArray<DiagnosticAnalyzer> Analyzers =
    [
        .. typeof(DeclarationAnalyzer).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !t.IsAbstract)
            .Select(t => (DiagnosticAnalyzer)Activator.CreateInstance(t)!),
    ];

    private static readonly Fix[] Fixes =
    [
        .. typeof(Fix).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Fix)) && !t.IsAbstract).Select(t => (Fix)Activator.CreateInstance(t)!),
    ];

    /// <summary>Exactly the marked places are reported, with this id; returns the messages.</summary>
    internal static async Task<string[]> Reports(string id, string marked, OutputKind kind = OutputKind.DynamicallyLinkedLibrary)
    {
        var (source, spans) = Unmark(marked);
        var found = await Diagnose(Compilation(source, kind));

        Assert.Equal(spans.Select(s => (id, source[s])), found.Select(d => (d.Id, d.Location.SourceTree!.ToString()[d.Location.SourceSpan.Start..d.Location.SourceSpan.End])));
        return [.. found.Select(d => d.GetMessage(System.Globalization.CultureInfo.InvariantCulture))];
    }

    /// <summary>Nothing is reported.</summary>
    internal static async Task IsClean(string source) => Assert.Empty(await Diagnose(Compilation(source, OutputKind.DynamicallyLinkedLibrary)));

    /// <summary>The fix of the one marked place makes this text of it, and nothing is reported any more.</summary>
    internal static async Task Fixed(string id, string marked, string expected, OutputKind kind = OutputKind.DynamicallyLinkedLibrary)
    {
        await Reports(id, marked, kind);
        var (document, actions) = await Actions(Unmark(marked).Source, kind);
        var cancellation = TestContext.Current.CancellationToken;
        var operations = await Assert.Single(actions).GetOperationsAsync(cancellation);
        var changed = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(document.Id)!;
        changed = await Formatter.FormatAsync(await Simplifier.ReduceAsync(changed, cancellationToken: cancellation), cancellationToken: cancellation);
        var text = (await changed.GetTextAsync(cancellation)).ToString().ReplaceLineEndings("\n");

        Assert.Equal(expected.ReplaceLineEndings("\n").Trim(), text.Trim());
        Assert.Empty(await Diagnose(Compilation(text, kind)));
    }

    /// <summary>The marked place is reported, and no fix is offered.</summary>
    internal static async Task HasNoFix(string id, string marked)
    {
        await Reports(id, marked);
        Assert.Empty((await Actions(Unmark(marked).Source, OutputKind.DynamicallyLinkedLibrary)).Actions);
    }

    private static async Task<(Document Document, List<CodeAction> Actions)> Actions(string source, OutputKind kind)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var like = Compilation(source, kind);
        using var workspace = new AdhocWorkspace();
        var project = workspace.AddProject(ProjectInfo.Create(
            ProjectId.CreateNewId(), VersionStamp.Default, "Sample", "Sample", LanguageNames.CSharp,
            compilationOptions: like.Options, parseOptions: TestCompilation.ParseOptions, metadataReferences: like.References));
        Document document = null!;
        foreach (var tree in like.SyntaxTrees)
        {
            document = project.AddDocument(tree.FilePath, await tree.GetTextAsync(cancellation));
            project = document.Project;
        }

        var actions = new List<CodeAction>();
        foreach (var diagnostic in await Diagnose((CSharpCompilation)(await project.GetCompilationAsync(cancellation))!))
        {
            foreach (var fix in Fixes.Where(f => f.FixableDiagnosticIds.Contains(diagnostic.Id)))
                await fix.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => actions.Add(action), cancellation));
        }

        return (document, actions);
    }

    /// <summary>All that the analyzers say of a program, be it right or wrong.</summary>
    internal static Task<ImmutableArray<Diagnostic>> FindAll(CSharpCompilation compilation) =>
        compilation.WithAnalyzers(Analyzers).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);

    private static CSharpCompilation Compilation(string source, OutputKind kind) => TestCompilation.Of([("Program.cs", source)], kind: kind);

    private static async Task<Diagnostic[]> Diagnose(CSharpCompilation compilation)
    {
        var errors = compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(d => d.Severity == DiagnosticSeverity.Error).ToArray();
        Assert.True(errors.Length == 0, "The test's own source is wrong:\n" + string.Join("\n", errors.AsEnumerable()) + "\n" + compilation.SyntaxTrees[^1]);
        var found = await FindAll(compilation);
        Assert.DoesNotContain(found, d => d.Id == "AD0001");
        return [.. found.OrderBy(d => d.Location.SourceSpan.Start)];
    }

    private static (string Source, List<Range> Spans) Unmark(string marked)
    {
        var spans = new List<Range>();
        foreach (Match match in Regex.Matches(marked, @"\[\|(.*?)\|\]", RegexOptions.Singleline))
        {
            var start = match.Index - (4 * spans.Count);
            spans.Add(start..(start + match.Groups[1].Length));
        }

        return (marked.Replace("[|", "", StringComparison.Ordinal).Replace("|]", "", StringComparison.Ordinal), spans);
    }
}
