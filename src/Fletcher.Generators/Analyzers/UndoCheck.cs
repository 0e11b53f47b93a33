using Fletcher.Generators.Symbols;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Analyzers;

/// <summary>What a step names as its undo must be a step that can be called with what the step knows.</summary>
internal static class UndoCheck
{
    internal static IEnumerable<Diagnostic> Of(Marked marked, Reach reach, CancellationToken cancellation)
    {
        if (marked.IsFlow || UndoMatch.Name(marked.Attribute) is not { } name)
            yield break;
        if (UndoMatch.Find(marked, name, reach, out var problem) is null)
            yield return Diagnostic.Create(Diagnostics.Undo, marked.Attribute.Place(UndoMatch.Setting, cancellation), marked.Method.Name, name, problem);
    }
}
