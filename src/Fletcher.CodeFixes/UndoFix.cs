using System.Composition;
using Fletcher.Generators.Analyzers;
using Fletcher.Generators.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace Fletcher.CodeFixes;

/// <summary>FLT0015: a step that can undo, or, where the one that is named only has the wrong parameters or no attribute, those put right.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class UndoFix : Fix
{
    private static readonly SymbolDisplayFormat TypeFormat = SymbolDisplayFormat.FullyQualifiedFormat
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>Made by the IDE.</summary>
    public UndoFix() : base(Diagnostics.Undo, "Make it a step that can undo this one")
    {
    }

    /// <summary>None: two steps may name the same undo.</summary>
    public override FixAllProvider? GetFixAllProvider() => null;

    private protected override SyntaxNode? Apply(
        SyntaxNode root, SyntaxNode node, SemanticModel model, Diagnostic diagnostic, CancellationToken cancellation)
    {
        if (node.FirstAncestorOrSelf<MethodDeclarationSyntax>() is not { Parent: TypeDeclarationSyntax } syntax
            || model.GetDeclaredSymbol(syntax, cancellation) is not { } method
            || TypeParameters.OfType(method.ContainingType).Count + method.TypeParameters.Length > 0
            || Marked.Own(method) is not { IsFlow: false } step
            || UndoCheck.Named(step, cancellation) is not { } name
            || !SyntaxFacts.IsValidIdentifier(name))
            return null;
        var candidates = UndoMatch.Candidates(method.ContainingType, name).ToList();
        return candidates.Count switch
        {
            0 => Write(root, syntax, method, name),
            1 => Correct(root, method, candidates[0], cancellation),
            _ => null,
        };
    }

    private static SyntaxNode Write(SyntaxNode root, MethodDeclarationSyntax syntax, IMethodSymbol step, string name)
    {
        var parameters = syntax.ParameterList.Parameters
            .Where((_, i) => !ParameterRoles.IsToken(step.Parameters[i].Type))
            .Select(p => p.WithDefault(null).WithoutTrivia()).ToList();
        if (ReturnShape.Of(step) is { Result: { } result } shape)
            parameters.Add(Parameter(ResultName(result, step), ResultType(shape.Kind, result)));
        var returns = ReturnShape.Of(step).IsAwaitable ? "global::System.Threading.Tasks.Task" : "void";
        var modifiers = syntax.Modifiers.Where(m => m.Kind() is SyntaxKind.PublicKeyword or SyntaxKind.InternalKeyword or SyntaxKind.ProtectedKeyword
            or SyntaxKind.PrivateKeyword or SyntaxKind.StaticKeyword);
        var body = step.ContainingType.TypeKind == TypeKind.Interface
            ? ";"
            : $" => throw new global::System.NotImplementedException(\"Take back what {step.Name} did.\");";
        var text = $"[{Attribute(step)}]\n{string.Concat(modifiers.Select(m => m.ValueText + " "))}{returns} {name}"
            + $"({string.Join(", ", parameters.Select(p => p.ToFullString().Trim()))}){body}";
        var method = SyntaxFactory.ParseMemberDeclaration(text)!
            .WithLeadingTrivia(SyntaxFactory.ElasticLineFeed, SyntaxFactory.ElasticLineFeed)
            .WithTrailingTrivia(SyntaxFactory.ElasticLineFeed)
            .WithAdditionalAnnotations(Formatter.Annotation, Simplifier.Annotation);
        return root.InsertNodesAfter(syntax, [method]);
    }

    private static SyntaxNode? Correct(SyntaxNode root, IMethodSymbol step, IMethodSymbol undo, CancellationToken cancellation)
    {
        if (undo.TypeParameters.Length > 0
            || undo.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation) is not MethodDeclarationSyntax syntax
            || syntax.SyntaxTree != root.SyntaxTree
            || SymbolEqualityComparer.Default.Equals(step, undo)
            || (Marked.Find(undo) is { } marked && (marked.IsFlow || UndoMatch.Name(marked.Attribute) is not null)))
            return null;
        var changed = syntax;
        var parameters = Fitting(step, undo, syntax).ToList();
        if (!parameters.SequenceEqual(syntax.ParameterList.Parameters))
            changed = changed.WithParameterList(syntax.ParameterList.WithParameters(SyntaxFactory.SeparatedList(
                parameters, Enumerable.Repeat(SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(SyntaxFactory.Space), Math.Max(0, parameters.Count - 1)))));
        if (Marked.Find(undo) is null)
        {
            var attribute = SyntaxFactory.AttributeList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.Attribute(SyntaxFactory.ParseName(Attribute(step)))))
                .WithLeadingTrivia(syntax.GetLeadingTrivia()).WithTrailingTrivia(SyntaxFactory.ElasticLineFeed);
            changed = changed.WithoutLeadingTrivia().WithAttributeLists(changed.WithoutLeadingTrivia().AttributeLists.Insert(0, attribute));
        }

        return changed == syntax ? null : root.ReplaceNode(syntax, changed.WithAdditionalAnnotations(Formatter.Annotation, Simplifier.Annotation));
    }

    /// <summary>What fits stays, what only has the wrong type gets the right one, the rest goes.</summary>
    private static IEnumerable<ParameterSyntax> Fitting(IMethodSymbol step, IMethodSymbol undo, MethodDeclarationSyntax syntax)
    {
        var hasResult = false;
        for (var i = 0; i < undo.Parameters.Length; i++)
        {
            var (parameter, written) = (undo.Parameters[i], syntax.ParameterList.Parameters[i]);
            var same = step.Parameters.FirstOrDefault(p => p.Name == parameter.Name);
            if (ParameterRoles.Of(parameter) != ParameterRole.Input || parameter.HasExplicitDefaultValue || parameter.IsParams
                || (same is not null && SymbolEqualityComparer.Default.Equals(same.Type, parameter.Type)))
            {
                yield return written;
            }
            else if (!hasResult && UndoMatch.IsResult(step, parameter.Type))
            {
                hasResult = true;
                yield return written;
            }
            else if (same is not null)
            {
                yield return written.WithType(SyntaxFactory.ParseTypeName(same.Type.ToDisplayString(TypeFormat)).WithTriviaFrom(written.Type!));
            }
        }
    }

    private static ParameterSyntax Parameter(string name, string type) => SyntaxFactory.Parameter(SyntaxFactory.Identifier(name))
        .WithType(SyntaxFactory.ParseTypeName(type).WithTrailingTrivia(SyntaxFactory.Space));

    private static string ResultType(ReturnKind kind, ITypeSymbol result) => kind == ReturnKind.Sequence
        ? $"global::System.Collections.Generic.List<{result.ToDisplayString(TypeFormat)}>"
        : result.ToDisplayString(TypeFormat);

    // A type of the user's says what it is: Receipt receipt. A number does not.
    private static string ResultName(ITypeSymbol result, IMethodSymbol step)
    {
        var name = result is INamedTypeSymbol { SpecialType: SpecialType.None, IsGenericType: false, Name: { Length: > 0 } type }
            ? char.ToLowerInvariant(type[0]) + type.Substring(1)
            : "result";
        return step.Parameters.Any(p => p.Name == name) || SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None ? "result" : name;
    }

    // Written as the step's own attribute is, with the namespace only where that needs it.
    private static string Attribute(IMethodSymbol step) =>
        step.GetAttributes().First(a => a.AttributeClass is { } type && Marked.IsFletcher(type, "StepAttribute")).ApplicationSyntaxReference?.GetSyntax()
            is AttributeSyntax { Name: { } name } ? name.ToString() : "global::Fletcher.Step";
}
