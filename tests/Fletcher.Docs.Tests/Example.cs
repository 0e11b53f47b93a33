using Fletcher.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Fletcher.Docs.Tests;

/// <summary>
/// An example, compiled as <c>dotnet run</c> would compile it, but within this process: a build of its own takes seconds for
/// each.
/// </summary>
internal static class Example
{
    private const string Usings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly CSharpParseOptions ParseOptions = CSharpParseOptions.Default
        .WithLanguageVersion(LanguageVersion.Preview)
        .WithFeatures([new("InterceptorsNamespaces", "Fletcher.Generated"), new("FileBasedProgram", "true")]);

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Fletcher.Generators", StringComparison.Ordinal)
                && !Path.GetFileName(path).StartsWith("Fletcher.Docs", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Compiles the file into a program beside this one.</summary>
    /// <returns>The program's assembly.</returns>
    internal static async Task<string> CompileAsync(string file, CancellationToken cancellationToken)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        CSharpCompilation compilation = CSharpCompilation.Create(
            name,
            [Parse("Usings.cs", Usings), Parse(file, await File.ReadAllTextAsync(file, cancellationToken))],
            References,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true)
                .WithSpecificDiagnosticOptions([new("CS1701", ReportDiagnostic.Suppress)])); // as the SDK does

        CSharpGeneratorDriver.Create([new FletcherGenerator().AsSourceGenerator()], parseOptions: ParseOptions)
            .RunGeneratorsAndUpdateCompilation(compilation, out var generated, out var found, cancellationToken);

        var assembly = Path.Combine(AppContext.BaseDirectory, $"{name}.dll");
        await using var image = File.Create(assembly);
        var emitted = generated.Emit(
            image, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.Embedded), cancellationToken: cancellationToken);
        var wrong = emitted.Diagnostics.Concat(found).Concat(await AnalyzeAsync(generated, cancellationToken))
            .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)
            .ToList();
        Assert.True(wrong.Count == 0, $"{name}.cs does not compile cleanly:\n{string.Join("\n", wrong)}");

        // As for file-based programs: JSON by reflection is off unless somebody asks for it.
        await File.WriteAllTextAsync(Path.ChangeExtension(assembly, ".runtimeconfig.json"),
            $$"""
            {
              "runtimeOptions": {
                "framework": { "name": "Microsoft.NETCore.App", "version": "10.0.0" },
                "configProperties": {
                  "System.Text.Json.JsonSerializer.IsReflectionEnabledByDefault": false,
                  "EntryPointFilePath": "{{file}}"
                }
              }
            }
            """, cancellationToken);
        return assembly;
    }

    private static async Task<IEnumerable<Diagnostic>> AnalyzeAsync(Compilation compilation, CancellationToken cancellationToken)
    {
        var analyzers = typeof(FletcherGenerator).Assembly.GetTypes()
            .Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(DiagnosticAnalyzer)))
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!)
            .ToArray();
        return analyzers.Length == 0
            ? []
            : await compilation.WithAnalyzers([.. analyzers]).GetAnalyzerDiagnosticsAsync(cancellationToken);
    }

    // Interception needs the checksum of the text, which only an encoded text has.
    private static SyntaxTree Parse(string path, string text) =>
        CSharpSyntaxTree.ParseText(SourceText.From(text, System.Text.Encoding.UTF8), ParseOptions, path);
}
