using System.Composition;
using Fletcher.Generators.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;

namespace Fletcher.CodeFixes;

/// <summary>FLT0101: the remembered value of <c>Flow</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RepeatableFix : Fix
{
    /// <summary>Made by the IDE.</summary>
    public RepeatableFix() : base(Diagnostics.NotRepeatable, "Use the value that Flow remembers")
    {
    }

    private protected override SyntaxNode? Apply(
        SyntaxNode root, SyntaxNode node, SemanticModel model, Diagnostic diagnostic, CancellationToken cancellation)
    {
        if (node is ArgumentSyntax argument)
            node = argument.Expression;
        if (node is not ExpressionSyntax expression
            || !diagnostic.Properties.TryGetValue(Unrepeatable.ReplacementKey, out var replacement) || replacement is null)
            return null;
        // Each access is annotated: the name of the class is inside of the call that is made on it.
        var value = SyntaxFactory.ParseExpression("global::Fletcher." + replacement).WithTriviaFrom(expression);
        value = value.ReplaceNodes(
            value.DescendantNodesAndSelf().OfType<MemberAccessExpressionSyntax>(), (_, access) => access.WithAdditionalAnnotations(Simplifier.Annotation));
        return root.ReplaceNode(expression, value);
    }
}
