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
        if (context.TargetNode is MethodDeclarationSyntax syntax)
        {
            var source = Body(marked.Declaration, cancellation) ?? syntax;
            settings.Add($"File = {Literal.Of(SourceFile.Name(source.SyntaxTree, compilation))}");
            settings.Add($"Line = {source.Identifier.GetLocation().GetLineSpan().StartLinePosition.Line + 1}");
            if (SourceText.Hash(source) is { } hash)
                settings.Add($"SourceHash = {Literal.Of(hash)}");
            if ((SourceText.Summary(syntax) ?? SourceText.Summary(source)) is { } summary)
                settings.Add($"Summary = {Literal.Of(summary)}");
        }

        return new DeclaredModel(policy with { Settings = settings.ToEquatableArray() });
    }

    // With both attributes a method is found twice; it counts as the flow.
    private static bool IsTwin(Marked marked, AttributeData found) =>
        marked.IsFlow != (found.AttributeClass?.Name == "FlowAttribute");

    private static MethodDeclarationSyntax? Body(IMethodSymbol method, CancellationToken cancellation) =>
        method.PartialImplementationPart?.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation) as MethodDeclarationSyntax;
}
