using System.Composition;
using Fletcher.Generators.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace Fletcher.CodeFixes;

/// <summary>
/// FLT0002: a method of the class around it; for a function of a top-level program one of a new class <c>Steps</c>. Only for
/// functions that use nothing of what is around them.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class LocalFunctionFix : Fix
{
    private const string NewClass = "Steps";

    /// <summary>Made by the IDE.</summary>
    public LocalFunctionFix() : base(Diagnostics.LocalFunction, "Make it a method")
    {
    }

    /// <summary>None: moving two functions at once would make two classes.</summary>
    public override FixAllProvider? GetFixAllProvider() => null;

    private protected override SyntaxNode? Apply(
        SyntaxNode root, SyntaxNode node, SemanticModel model, Diagnostic diagnostic, CancellationToken cancellation)
    {
        if (node.FirstAncestorOrSelf<LocalFunctionStatementSyntax>() is not { } function
            || model.GetDeclaredSymbol(function, cancellation) is not IMethodSymbol symbol
            || Captures.Any(function, model, cancellation))
            return null;
        return function.Parent is GlobalStatementSyntax statement
            ? ToNewClass((CompilationUnitSyntax)root, statement, function, symbol, model, cancellation)
            : ToClass(root, function);
    }

    private static SyntaxNode? ToClass(SyntaxNode root, LocalFunctionStatementSyntax function)
    {
        if (function.FirstAncestorOrSelf<MemberDeclarationSyntax>() is not { Parent: TypeDeclarationSyntax } member)
            return null;
        var isStatic = member.Modifiers.Any(SyntaxKind.StaticKeyword) || function.Modifiers.Any(SyntaxKind.StaticKeyword);
        var method = Method(function, isStatic ? [SyntaxKind.PrivateKeyword, SyntaxKind.StaticKeyword] : [SyntaxKind.PrivateKeyword]);
        var tracked = root.TrackNodes(function, member);
        tracked = tracked.RemoveNode(tracked.GetCurrentNode(function)!, SyntaxRemoveOptions.KeepNoTrivia)!;
        return tracked.InsertNodesAfter(
            tracked.GetCurrentNode(member)!, [method.WithLeadingTrivia(SyntaxFactory.ElasticLineFeed, SyntaxFactory.ElasticLineFeed)]);
    }

    private static CompilationUnitSyntax ToNewClass(
        CompilationUnitSyntax root, GlobalStatementSyntax statement, LocalFunctionStatementSyntax function, IMethodSymbol symbol,
        SemanticModel model, CancellationToken cancellation)
    {
        var references = root.DescendantNodes().OfType<SimpleNameSyntax>()
            .Where(name => name.Identifier.ValueText == symbol.Name && !function.Span.Contains(name.Span)
                && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellation).Symbol?.OriginalDefinition, symbol))
            .ToArray();
        var method = Method(function, [SyntaxKind.InternalKeyword, SyntaxKind.StaticKeyword]);
        var changed = root.TrackNodes(references.Append<SyntaxNode>(statement));
        foreach (var reference in references)
        {
            var current = changed.GetCurrentNode(reference)!;
            changed = changed.ReplaceNode(
                current,
                SyntaxFactory.MemberAccessExpression(
                    SyntaxKind.SimpleMemberAccessExpression, SyntaxFactory.IdentifierName(NewClass), current.WithoutTrivia()).WithTriviaFrom(current));
        }

        changed = changed.RemoveNode(changed.GetCurrentNode(statement)!, SyntaxRemoveOptions.KeepNoTrivia)!;
        var existing = changed.Members.OfType<ClassDeclarationSyntax>().FirstOrDefault(c => c.Identifier.ValueText == NewClass);
        if (existing is not null)
            return changed.ReplaceNode(existing, existing.AddMembers(method).WithAdditionalAnnotations(Formatter.Annotation));
        var type = SyntaxFactory.ClassDeclaration(NewClass)
            .AddModifiers(SyntaxFactory.Token(SyntaxKind.StaticKeyword))
            .AddMembers(method)
            .WithLeadingTrivia(SyntaxFactory.ElasticLineFeed)
            .WithAdditionalAnnotations(Formatter.Annotation);
        return changed.AddMembers(type);
    }

    private static MethodDeclarationSyntax Method(LocalFunctionStatementSyntax function, SyntaxKind[] modifiers)
    {
        var kept = function.Modifiers.Where(m => !m.IsKind(SyntaxKind.StaticKeyword)).Select(m => m.WithoutTrivia());
        return SyntaxFactory.MethodDeclaration(
            function.AttributeLists,
            SyntaxFactory.TokenList(modifiers.Select(SyntaxFactory.Token).Concat(kept).Select(t => t.WithTrailingTrivia(SyntaxFactory.Space))),
            function.ReturnType,
            explicitInterfaceSpecifier: null,
            function.Identifier,
            function.TypeParameterList,
            function.ParameterList,
            function.ConstraintClauses,
            function.Body,
            function.ExpressionBody,
            function.SemicolonToken).WithAdditionalAnnotations(Formatter.Annotation);
    }
}
