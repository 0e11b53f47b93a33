using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Symbols;

/// <summary>How a method returns: each has its own entry into the engine.</summary>
internal enum ReturnKind
{
    Void,
    Value,
    Task,
    TaskOf,
    ValueTask,
    ValueTaskOf,
    Sequence,
}

/// <summary>What a method returns.</summary>
/// <param name="Kind">How.</param>
/// <param name="Result">What is left when tasks are unwrapped; the item type of a sequence; null for nothing.</param>
/// <param name="IsLazy">Whether the result is a lazy sequence, which must be read before it is remembered: a query that runs twice is two works.</param>
internal readonly record struct ReturnShape(ReturnKind Kind, ITypeSymbol? Result, bool IsLazy)
{
    internal bool IsAwaitable => Kind is not (ReturnKind.Void or ReturnKind.Value);

    internal static ReturnShape Of(IMethodSymbol method)
    {
        if (method.ReturnsVoid)
            return new ReturnShape(ReturnKind.Void, null, false);
        var type = method.ReturnType;
        if (type.OriginalDefinition is INamedTypeSymbol named && IsInSystem(named))
        {
            var argument = type is INamedTypeSymbol { TypeArguments.Length: 1 } generic ? generic.TypeArguments[0] : null;
            switch (named.MetadataName)
            {
                case "Task":
                    return new ReturnShape(ReturnKind.Task, null, false);
                case "ValueTask":
                    return new ReturnShape(ReturnKind.ValueTask, null, false);
                case "Task`1":
                    return new ReturnShape(ReturnKind.TaskOf, argument, IsLazySequence(argument!));
                case "ValueTask`1":
                    return new ReturnShape(ReturnKind.ValueTaskOf, argument, IsLazySequence(argument!));
                case "IAsyncEnumerable`1":
                    return new ReturnShape(ReturnKind.Sequence, argument, false);
            }
        }

        return new ReturnShape(ReturnKind.Value, type, IsLazySequence(type));
    }

    private static bool IsLazySequence(ITypeSymbol type) =>
        type.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T;

    private static bool IsInSystem(INamedTypeSymbol type) => type.ContainingNamespace.ToDisplayString()
        is "System.Threading.Tasks" or "System.Collections.Generic";
}
