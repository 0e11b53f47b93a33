using System.Composition;
using Fletcher.Generators.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fletcher.CodeFixes;

/// <summary>FLT0007: an await, where the code is async.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class AwaitFix : Fix
{
    /// <summary>Made by the IDE.</summary>
    public AwaitFix() : base(Diagnostics.NotAwaited, "Await it")
    {
    }

    private protected override SyntaxNode? Apply(
        SyntaxNode root, SyntaxNode node, SemanticModel model, Diagnostic diagnostic, CancellationToken cancellation)
    {
        if (node.FirstAncestorOrSelf<ExpressionStatementSyntax>() is not { Expression: { } call }
            // `await x?.M()` awaits null, and a sequence is not awaited at all.
            || call is ConditionalAccessExpressionSyntax
            || model.GetTypeInfo(call, cancellation).Type?.Name is not ("Task" or "ValueTask")
            || !IsAsync(call))
            return null;
        var awaited = SyntaxFactory.AwaitExpression(call.WithoutLeadingTrivia()).WithLeadingTrivia(call.GetLeadingTrivia());
        return root.ReplaceNode(call, awaited.WithAwaitKeyword(awaited.AwaitKeyword.WithTrailingTrivia(SyntaxFactory.Space)));
    }

    private static bool IsAsync(SyntaxNode node)
    {
        for (var at = node.Parent; at is not null; at = at.Parent)
        {
            switch (at)
            {
                case AnonymousFunctionExpressionSyntax lambda:
                    return lambda.AsyncKeyword.IsKind(SyntaxKind.AsyncKeyword);
                case LocalFunctionStatementSyntax function:
                    return function.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case MethodDeclarationSyntax method:
                    return method.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case GlobalStatementSyntax:
                    return true;
                case MemberDeclarationSyntax:
                    return false;
            }
        }

        return false;
    }
}
