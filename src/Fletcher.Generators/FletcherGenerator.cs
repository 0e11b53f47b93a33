using System.Collections.Immutable;
using Fletcher.Generators.Interceptors;
using Fletcher.Generators.Registry;
using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fletcher.Generators;

/// <summary>
/// Writes the interceptors of all calls of steps and flows, a file for each of the user's files, and the assembly's registry.
/// What flows through the pipeline are plain values: a file's interceptors are written again only when its own calls change.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class FletcherGenerator : IIncrementalGenerator
{
    internal const string CallsStep = "Calls";
    internal const string FilesStep = "Files";
    internal const string DeclaredStep = "Declared";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var assembly = context.CompilationProvider.Select((compilation, _) => AssemblyModel.Read(compilation));

        var calls = context.SyntaxProvider.CreateSyntaxProvider(CallReader.IsCandidate, CallReader.Read)
            .Where(call => call is not null)
            .Select((call, _) => call!)
            .WithTrackingName(CallsStep);
        var files = calls.Collect().SelectMany((all, _) => Group(all)).WithTrackingName(FilesStep);
        context.RegisterSourceOutput(files.Combine(assembly), static (output, pair) =>
        {
            if (pair.Right is { } program)
                output.AddSource(pair.Left.HintName, CallFileEmitter.Emit(pair.Left, program));
        });

        var declared = Declared(context, Marked.FlowAttribute).Combine(Declared(context, Marked.StepAttribute))
            .Select((pair, _) => pair.Left.Concat(pair.Right).ToEquatableArray())
            .WithTrackingName(DeclaredStep);
        context.RegisterSourceOutput(declared.Combine(assembly), static (output, pair) =>
        {
            if (pair.Right is { } program && pair.Left.Count > 0)
                output.AddSource("Registry.g.cs", RegistryEmitter.Emit(pair.Left, program));
        });
    }

    private static IncrementalValueProvider<ImmutableArray<DeclaredModel>> Declared(
        IncrementalGeneratorInitializationContext context, string attribute) =>
        context.SyntaxProvider
            .ForAttributeWithMetadataName(attribute, (node, _) => node is MethodDeclarationSyntax, DeclarationReader.Read)
            .Where(declared => declared is not null)
            .Select((declared, _) => declared!)
            .Collect();

    private static IEnumerable<FileModel> Group(ImmutableArray<CallModel> calls)
    {
        var names = new HintNames();
        foreach (var file in calls.GroupBy(call => call.Path))
            yield return new FileModel(names.Next(file.Key), file.ToEquatableArray());
    }
}
