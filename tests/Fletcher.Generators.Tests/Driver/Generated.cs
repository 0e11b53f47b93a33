using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Fletcher.Generators.Tests.Driver;

/// <summary>A program with what the generator made of it. It has been compiled, and can be run.</summary>
internal sealed class Generated
{
    private Generated(CSharpCompilation compilation, IReadOnlyDictionary<string, string> files, byte[] image) =>
        (Compilation, Files, Image) = (compilation, files, image);

    internal CSharpCompilation Compilation { get; }

    /// <summary>The generated files.</summary>
    internal IReadOnlyDictionary<string, string> Files { get; }

    internal byte[] Image { get; }

    internal string AllText => string.Join("\n", Files.Values);

    internal string Calls => Files.Single(f => f.Key.EndsWith("Calls.g.cs", StringComparison.Ordinal)).Value;

    internal string Registry => Files["Registry.g.cs"];

    internal MetadataReference Reference => MetadataReference.CreateFromImage(Image);

    internal static Generated From(string source) => From(TestCompilation.Of(source));

    internal static Generated From(CSharpCompilation input)
    {
        var before = input.GetDiagnostics(TestContext.Current.CancellationToken).Where(IsWrong).ToArray();
        Assert.True(before.Length == 0, "The test's own source is wrong:\n" + string.Join("\n", before));

        var driver = CSharpGeneratorDriver.Create([new FletcherGenerator().AsSourceGenerator()], parseOptions: TestCompilation.ParseOptions);
        var run = driver.RunGeneratorsAndUpdateCompilation(input, out var output, out _, TestContext.Current.CancellationToken).GetRunResult();
        Assert.Null(run.Results.Single().Exception);
        var files = run.GeneratedTrees.ToDictionary(t => Path.GetFileName(t.FilePath), t => t.ToString());

        using var image = new MemoryStream();
        var emitted = output.Emit(image, cancellationToken: TestContext.Current.CancellationToken);
        // Warnings count too: a user may treat them as errors.
        var wrong = emitted.Diagnostics.Concat(output.GetDiagnostics(TestContext.Current.CancellationToken)).Where(IsWrong).ToArray();
        Assert.True(
            wrong.Length == 0,
            string.Join("\n", wrong.AsEnumerable()) + "\n\n" + string.Join("\n", files.Select(f => $"--- {f.Key}\n{f.Value}")));
        return new Generated((CSharpCompilation)output, files, image.ToArray());
    }

    /// <summary>The program as it is when the generator did not run.</summary>
    internal static Generated Without(CSharpCompilation input)
    {
        using var image = new MemoryStream();
        Assert.True(input.Emit(image, cancellationToken: TestContext.Current.CancellationToken).Success);
        return new Generated(input, new Dictionary<string, string>(), image.ToArray());
    }

    internal Assembly Load(params Generated[] libraries)
    {
        var context = new AssemblyLoadContext(null);
        foreach (var library in libraries)
            context.LoadFromStream(new MemoryStream(library.Image));
        return context.LoadFromStream(new MemoryStream(Image));
    }

    /// <summary>Runs <c>Sample.Run()</c>, which may return a task, and returns its result.</summary>
    internal async Task<object?> Run(params Generated[] libraries)
    {
        var result = Load(libraries).GetType("Sample", throwOnError: true)!
            .GetMethod("Run", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!
            .Invoke(null, null);
        if (result is not Task task)
            return result;
        await task;
        return task.GetType().GetProperty("Result")?.GetValue(task);
    }

    private static bool IsWrong(Diagnostic diagnostic) =>
        diagnostic.Severity >= DiagnosticSeverity.Warning && diagnostic.Id is not ("CS1998" or "CS1591");
}
