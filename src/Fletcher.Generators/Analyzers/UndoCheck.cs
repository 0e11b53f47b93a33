using Fletcher.Generators.Symbols;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Fletcher.Generators.Analyzers;

/// <summary>What a step names as its undo must be a step that can be called with what the step knows.</summary>
internal static class UndoCheck
{
    internal static IEnumerable<Diagnostic> Of(Marked marked, Reach reach, CancellationToken cancellation)
    {
        if (marked.IsFlow || Named(marked, cancellation) is not { } name)
            yield break;
        if (UndoMatch.Find(marked, name, reach, out var problem) is null)
            yield return Diagnostic.Create(Diagnostics.Undo, marked.Attribute.Place(UndoMatch.Setting, cancellation), marked.Method.Name, name, problem);
    }

    /// <summary>The name that is meant, also when <c>nameof</c> finds nothing of it (yet): the fix writes the method.</summary>
    internal static string? Named(Marked step, CancellationToken cancellation)
    {
        if (UndoMatch.Name(step.Attribute) is { } name)
            return name;
        var argument = (step.Attribute.ApplicationSyntaxReference?.GetSyntax(cancellation) as AttributeSyntax)?.ArgumentList?.Arguments
            .FirstOrDefault(a => a.NameEquals?.Name.Identifier.ValueText == UndoMatch.Setting);
        return argument?.Expression is InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "nameof" } } nameOf
            && nameOf.ArgumentList.Arguments.Count == 1 && nameOf.ArgumentList.Arguments[0].Expression is IdentifierNameSyntax missing
                ? missing.Identifier.ValueText
                : null;
    }
}
