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

        var shape = ReturnShape.Of(method);
        if (attribute.Setting("Target") is { Value: string }
            && (shape.Kind == ReturnKind.Sequence || shape.Result is { SpecialType: not SpecialType.System_String }))
            yield return Diagnostic.Create(Diagnostics.TargetResult, attribute.Place("Target", cancellation), method.Name, TypeName.ForPeople(method.ReturnType));
    }
}
