using Fletcher.Generators.Plan;
using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fletcher.Generators.Registry;

/// <summary>Reads a method with an attribute, and its source, into its definition.</summary>
internal static class DeclarationReader
{
    internal static DeclaredModel? Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        if (context.TargetSymbol is not IMethodSymbol { MethodKind: MethodKind.Ordinary } method
            || Marked.Own(method.PartialDefinitionPart ?? method) is not { } marked
            || IsTwin(marked, context.Attributes[0]))
            return null;
        var compilation = context.SemanticModel.Compilation;
        var reach = new Reach(compilation);
        var policy = DefinitionReader.ReadPolicy(marked, reach);
        var settings = policy.Settings.ToList();
        var syntax = (MethodDeclarationSyntax)context.TargetNode;
        var source = Body(marked.Declaration, cancellation) ?? syntax;
        var file = SourceFile.Name(source.SyntaxTree, compilation);
        var line = source.Identifier.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
        settings.Add($"File = {Literal.Of(file)}");
        settings.Add($"Line = {line}");
        if (SourceText.Hash(source) is { } hash)
            settings.Add($"SourceHash = {Literal.Of(hash)}");
        if ((SourceText.Summary(syntax) ?? SourceText.Summary(source)) is { } summary)
            settings.Add($"Summary = {Literal.Of(summary)}");
        if (marked.IsFlow)
            settings.Add($"ParameterSchema = {Literal.Of(ParameterSchema.Of(marked.Method))}");

        return new DeclaredModel(
            policy with { Settings = settings.ToEquatableArray() },
            marked.IsFlow ? BindReader.Read(marked, compilation, file, line) : null,
            UndoReader.Read(marked, compilation, reach, file, line),
            marked.IsFlow ? PlanReader.Read(source, compilation.GetSemanticModel(source.SyntaxTree), cancellation) : null);
    }

    // With both attributes a method is found twice; it counts as the flow.
    private static bool IsTwin(Marked marked, AttributeData found) =>
        marked.IsFlow != (found.AttributeClass?.Name == "FlowAttribute");

    private static MethodDeclarationSyntax? Body(IMethodSymbol method, CancellationToken cancellation) =>
        method.PartialImplementationPart?.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation) as MethodDeclarationSyntax;
}
