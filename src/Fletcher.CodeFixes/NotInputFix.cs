using System.Composition;
using Fletcher.Generators.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;

namespace Fletcher.CodeFixes;

/// <summary>FLT0202: <c>[NotInput]</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class NotInputFix : Fix
{
    /// <summary>Made by the IDE.</summary>
    public NotInputFix() : base(Diagnostics.Parameter, "Mark it [NotInput]")
    {
    }

    private protected override SyntaxNode? Apply(
        SyntaxNode root, SyntaxNode node, SemanticModel model, Diagnostic diagnostic, CancellationToken cancellation)
    {
        if (node.FirstAncestorOrSelf<ParameterSyntax>() is not { } parameter)
            return null;
        var name = SyntaxFactory.ParseName("global::Fletcher.NotInput").WithAdditionalAnnotations(Simplifier.Annotation);
        var list = SyntaxFactory.AttributeList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.Attribute(name)))
            .WithTrailingTrivia(SyntaxFactory.Space);
        var marked = parameter.WithoutLeadingTrivia().WithAttributeLists(parameter.WithoutLeadingTrivia().AttributeLists.Insert(0, list))
            .WithLeadingTrivia(parameter.GetLeadingTrivia());
        return root.ReplaceNode(parameter, marked);
    }
}
