using System.Composition;
using Fletcher.Generators.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace Fletcher.CodeFixes;

/// <summary>FLT0001: a lambda that calls the step.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class MethodGroupFix : Fix
{
    /// <summary>Made by the IDE.</summary>
    public MethodGroupFix() : base(Diagnostics.MethodGroup, "Call it in a lambda")
    {
    }

    private protected override SyntaxNode? Apply(
        SyntaxNode root, SyntaxNode node, SemanticModel model, Diagnostic diagnostic, CancellationToken cancellation)
    {
        if (node is ArgumentSyntax argument)
            node = argument.Expression;
        if (node is not ExpressionSyntax group
            || model.GetSymbolInfo(group, cancellation).Symbol is not IMethodSymbol method
            || model.GetTypeInfo(group, cancellation).ConvertedType is not INamedTypeSymbol { DelegateInvokeMethod: { } invoke }
            || invoke.Parameters.Any(p => p.RefKind != RefKind.None))
            return null;

        // An extension method that is given as a static one has all of its parameters, a bound one all but the first.
        var skipped = method.Parameters.Length - invoke.Parameters.Length;
        if (skipped is < 0 or > 1)
            return null;
        var names = method.Parameters.Skip(skipped).Select(p => Free(p.Name, group.SpanStart, model)).ToArray();
        var parameters = names.Length == 1 ? names[0] : $"({string.Join(", ", names)})";
        var lambda = SyntaxFactory.ParseExpression($"{parameters} => {group.WithoutTrivia()}({string.Join(", ", names)})")
            .WithTriviaFrom(group)
            .WithAdditionalAnnotations(Formatter.Annotation);
        return root.ReplaceNode(group, lambda);
    }

    private static string Free(string name, int position, SemanticModel model)
    {
        while (model.LookupSymbols(position, name: name).Any(s => s is ILocalSymbol or IParameterSymbol))
            name += "_";
        return SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;
    }
}
