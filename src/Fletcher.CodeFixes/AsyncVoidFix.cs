using System.Composition;
using Fletcher.Generators.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;

namespace Fletcher.CodeFixes;

/// <summary>FLT0013: <c>async Task</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class AsyncVoidFix : Fix
{
    /// <summary>Made by the IDE.</summary>
    public AsyncVoidFix() : base(Diagnostics.AsyncVoid, "Return Task")
    {
    }

    private protected override SyntaxNode? Apply(
        SyntaxNode root, SyntaxNode node, SemanticModel model, Diagnostic diagnostic, CancellationToken cancellation) =>
        node.FirstAncestorOrSelf<MethodDeclarationSyntax>() is { } method
            ? root.ReplaceNode(
                method.ReturnType,
                SyntaxFactory.ParseTypeName("global::System.Threading.Tasks.Task").WithTriviaFrom(method.ReturnType)
                    .WithAdditionalAnnotations(Simplifier.Annotation))
            : null;
}
