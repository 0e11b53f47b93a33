using Fletcher.Generators.Registry;
using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Analyzers;

/// <summary>Settings that are right by themselves and wrong together.</summary>
internal static class ContradictionCheck
{
    internal static IEnumerable<Diagnostic> Of(Marked marked, CancellationToken cancellation)
    {
        var (attribute, method) = (marked.Attribute, marked.Declaration);
        var isAtMostOnce = attribute.Setting("Delivery") is { Value: 1 };
        if (isAtMostOnce && attribute.Setting("ReadOnly") is { Value: true })
            yield return Diagnostic.Create(Diagnostics.ReadOnlyAtMostOnce, attribute.Place("ReadOnly", cancellation), method.Name);
        if (isAtMostOnce && attribute.Setting("Retries") is { Value: > 0 })
            yield return Diagnostic.Create(Diagnostics.RetriesAtMostOnce, attribute.Place("Retries", cancellation), method.Name);

        if (IsolationProblem(marked) is { } problem)
            yield return Diagnostic.Create(Diagnostics.Isolation, attribute.Place(problem.Setting, cancellation), method.Name, problem.Text);

        var shape = ReturnShape.Of(method);
        if (attribute.Setting("Target") is { Value: string }
            && (shape.Kind == ReturnKind.Sequence || shape.Result is { SpecialType: not SpecialType.System_String }))
            yield return Diagnostic.Create(Diagnostics.TargetResult, attribute.Place("Target", cancellation), method.Name, TypeName.ForPeople(method.ReturnType));
    }

    private static (string Setting, string Text)? IsolationProblem(Marked marked)
    {
        if (marked.Attribute.Setting("Isolation") is not { Value: 1 })
        {
            return marked.Attribute.Setting("MemoryLimit") is { Value: string }
                ? ("MemoryLimit", "has a MemoryLimit, which only a process of its own can have; set Isolation = Isolation.Process")
                : null;
        }

        return BindReader.IsBoundByName(marked.Declaration)
            ? null
            : ("Isolation", "cannot run in a process of its own, which calls it by name: it, or its type, is generic, or it takes a delegate");
    }
}
