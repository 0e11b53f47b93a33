using Fletcher.Generators.Tests.Driver;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Fletcher.Generators.Tests.Incrementality;

/// <summary>An edit makes the generator write again only what depends on it.</summary>
public sealed class IncrementalityTests
{
    private const string Steps = "static class Steps { [Step] internal static int F(int x) => x + 1; }";
    private const string First = "static class First { static int G() => Steps.F(1); }";
    private const string Second = "static class Second { static int G() => Steps.F(1); }";

    private static readonly (string Path, string Source)[] Before = [("Steps.cs", Steps), ("First.cs", First), ("Second.cs", Second)];

    [Fact]
    public void An_edit_of_a_file_with_calls_touches_only_its_own_interceptors()
    {
        var run = Edit("First.cs", First.Replace("{ static", "{ /* new */ static", StringComparison.Ordinal));

        Assert.Equal(["First: Modified", "Second: Unchanged"], run.Files);
        Assert.Equal(["First.Calls.g.cs"], run.Written);
    }

    [Fact]
    public void An_edit_of_a_file_without_calls_touches_nothing()
    {
        var run = Edit("Steps.cs", Steps + "\nclass More;");

        Assert.Equal(["First: Cached", "Second: Cached"], run.Files.Select(f => f.Replace("Unchanged", "Cached", StringComparison.Ordinal)));
        Assert.Empty(run.Written);
    }

    [Fact]
    public void Another_body_of_a_step_touches_only_the_registry()
    {
        var run = Edit("Steps.cs", Steps.Replace("x + 1", "x + 2", StringComparison.Ordinal));

        Assert.Equal(["Registry.g.cs"], run.Written);
    }

    [Fact]
    public void Another_signature_of_a_step_touches_all_its_calls()
    {
        var run = Edit("Steps.cs", Steps.Replace("int x)", "long x)", StringComparison.Ordinal).Replace("=> x", "=> (int)x", StringComparison.Ordinal));

        Assert.Equal(["First.Calls.g.cs", "Registry.g.cs", "Second.Calls.g.cs"], run.Written);
    }

    private static (IReadOnlyList<string> Files, IReadOnlyList<string> Written) Edit(string path, string source)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var compilation = TestCompilation.Of(Before);
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new FletcherGenerator().AsSourceGenerator()], parseOptions: TestCompilation.ParseOptions,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        driver = driver.RunGenerators(compilation, cancellation);
        var before = driver.GetRunResult();

        var old = compilation.SyntaxTrees.Single(t => t.FilePath == path);
        driver = driver.RunGenerators(compilation.ReplaceSyntaxTree(old, TestCompilation.Parse(path, source)), cancellation);
        var after = driver.GetRunResult();

        var files = after.Results.Single().TrackedSteps[FletcherGenerator.FilesStep]
            .SelectMany(step => step.Outputs)
            .Select(output => $"{((Generators.Interceptors.FileModel)output.Value).HintName.Split('.')[0]}: {output.Reason}");
        // A file that was not written again has the very same text object.
        var texts = before.Results.Single().GeneratedSources.Select(s => s.SourceText).ToArray();
        var written = after.Results.Single().GeneratedSources.Where(s => !texts.Contains(s.SourceText)).Select(s => s.HintName);
        return ([.. files.Order()], [.. written.Order(StringComparer.Ordinal)]);
    }
}
