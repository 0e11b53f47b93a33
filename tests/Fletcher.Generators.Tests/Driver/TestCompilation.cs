using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Fletcher.Generators.Tests.Driver;

/// <summary>Makes compilations as the SDK would: with this runtime, Fletcher.Core, implicit usings and interceptors on.</summary>
internal static class TestCompilation
{
    private const string Usings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Fletcher;
        """;

    internal static readonly CSharpParseOptions ParseOptions = CSharpParseOptions.Default
        .WithLanguageVersion(LanguageVersion.Preview)
        .WithFeatures([new("InterceptorsNamespaces", "Fletcher.Generated")]);

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Fletcher.Generators", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>A library of one file.</summary>
    internal static CSharpCompilation Of(string source) => Of([("Program.cs", source)]);

    internal static CSharpCompilation Of(
        IEnumerable<(string Path, string Source)> files, string name = "Sample",
        OutputKind kind = OutputKind.DynamicallyLinkedLibrary, IEnumerable<MetadataReference>? references = null) =>
        CSharpCompilation.Create(
            name,
            files.Prepend(("Usings.cs", Usings)).Select(file => Parse(file.Item1, file.Item2)),
            [.. References, .. references ?? []],
            new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true));

    // Interception needs the checksum of the text, which only an encoded text has.
    internal static SyntaxTree Parse(string path, string source) =>
        CSharpSyntaxTree.ParseText(
            Microsoft.CodeAnalysis.Text.SourceText.From(source, System.Text.Encoding.UTF8), ParseOptions, path);
}
