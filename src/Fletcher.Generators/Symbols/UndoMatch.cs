using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Symbols;

/// <summary>Where an argument of an undo comes from.</summary>
internal enum UndoSource
{
    /// <summary>A parameter of the step.</summary>
    Parameter,
    /// <summary>What the step returned.</summary>
    Result,
    /// <summary>The parameter's own default.</summary>
    Default,
    /// <summary>The token, and services.</summary>
    Engine,
}

/// <summary>Where the arguments of an undo come from.</summary>
/// <param name="Undo">The step that undoes.</param>
/// <param name="Sources">For each of its parameters the source, and the index of the step's parameter.</param>
internal sealed record UndoFit(Marked Undo, IReadOnlyList<(UndoSource Source, int Index)> Sources);

/// <summary>Finds the step that the <c>Undo</c> of another one names. The rules are those that the attribute documents.</summary>
internal static class UndoMatch
{
    internal const string Setting = "Undo";

    /// <summary>The name that an attribute gives; null when it gives none.</summary>
    internal static string? Name(AttributeData attribute)
    {
        foreach (var setting in attribute.NamedArguments)
        {
            if (setting is { Key: Setting, Value.Value: string { Length: > 0 } name })
                return name;
        }

        return null;
    }

    /// <summary>The one method that fits; null, with the problem as the end of a sentence, when there is none or there are several.</summary>
    internal static UndoFit? Find(Marked step, string name, Reach reach, out string? problem)
    {
        var method = step.Declaration;
        problem = null;
        if (IsGeneric(method))
        {
            problem = $"'{method.Name}' is generic, and what is kept to be undone later cannot be; move it to a type and method that are not";
            return null;
        }

        var candidates = Candidates(method.ContainingType, name).ToList();
        if (candidates.Count == 0)
        {
            problem = $"'{method.ContainingType.Name}' has no method of this name";
            return null;
        }

        var fits = new List<UndoFit>();
        foreach (var candidate in candidates)
        {
            if (Fit(step, candidate, reach, out var reason) is { } fit)
                fits.Add(fit);
            else
                problem ??= reason;
        }

        if (fits.Count == 1)
        {
            problem = null;
            return fits[0];
        }

        if (fits.Count > 1)
            problem = $"{fits.Count} overloads of it fit; give the one that undoes a name of its own";
        return null;
    }

    /// <summary>The methods of this name in a type and those it derives from.</summary>
    internal static IEnumerable<IMethodSymbol> Candidates(INamedTypeSymbol type, string name)
    {
        var overridden = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        IEnumerable<INamedTypeSymbol> types = type.TypeKind == TypeKind.Interface ? type.AllInterfaces.Insert(0, type) : Bases(type);
        foreach (var at in types)
        {
            foreach (var method in at.GetMembers(name).OfType<IMethodSymbol>())
            {
                if (method.MethodKind != MethodKind.Ordinary || overridden.Contains(method))
                    continue;
                for (var hidden = method.OverriddenMethod; hidden is not null; hidden = hidden.OverriddenMethod)
                    overridden.Add(hidden);
                yield return method;
            }
        }
    }

    /// <summary>Whether a type is that of the step's result, as its undo may take it.</summary>
    internal static bool IsResult(IMethodSymbol step, ITypeSymbol type)
    {
        var shape = ReturnShape.Of(step);
        if (shape.Result is not { } result)
            return false;
        if (shape.Kind != ReturnKind.Sequence)
            return Same(result, type);
        return type switch
        {
            IArrayTypeSymbol array => Same(array.ElementType, result),
            INamedTypeSymbol { TypeArguments.Length: 1, Name: "List" or "IReadOnlyList" or "IReadOnlyCollection" or "IEnumerable" or "IList" or "ICollection" } list =>
                Same(list.TypeArguments[0], result),
            _ => false,
        };
    }

    private static UndoFit? Fit(Marked step, IMethodSymbol candidate, Reach reach, out string? problem)
    {
        var undo = Marked.Find(candidate);
        problem = undo switch
        {
            null => "it is no step; mark it [Step]",
            { IsFlow: true } => "it is a flow; a step undoes a step",
            { } marked when Name(marked.Attribute) is not null => "it has an Undo itself; what undoes is not undone",
            _ when SymbolEqualityComparer.Default.Equals(candidate, step.Declaration) => "that is the step itself",
            _ when IsGeneric(candidate) => "it is generic, and what is kept to be undone later cannot be",
            _ when Interceptors.MethodObstacles.Find(candidate, reach) is { } obstacle => obstacle.Reason,
            _ => ReceiverProblem(step.Declaration, candidate),
        };
        if (problem is not null)
            return null;

        var sources = new List<(UndoSource, int)>();
        var hasResult = false;
        foreach (var parameter in candidate.Parameters)
        {
            if (Source(step.Declaration, parameter, ref hasResult, out problem) is not { } source)
                return null;
            sources.Add(source);
        }

        return new UndoFit(undo!.Value, sources);
    }

    private static (UndoSource, int)? Source(IMethodSymbol step, IParameterSymbol parameter, ref bool hasResult, out string? problem)
    {
        problem = null;
        var same = step.Parameters.FirstOrDefault(p => p.Name == parameter.Name);
        if (ParameterRoles.Of(parameter) != ParameterRole.Input)
        {
            if (parameter is { Type.TypeKind: TypeKind.Delegate, HasExplicitDefaultValue: false })
                problem = $"its parameter '{parameter.Name}' is a delegate, which cannot be kept";
            return problem is null ? (UndoSource.Engine, -1) : null;
        }

        if (same is not null && Same(same.Type, parameter.Type))
            return (UndoSource.Parameter, same.Ordinal);
        if (!hasResult && IsResult(step, parameter.Type))
        {
            hasResult = true;
            return (UndoSource.Result, -1);
        }

        if (parameter.HasExplicitDefaultValue || parameter.IsParams)
            return (UndoSource.Default, -1);
        problem = same is null
            ? $"its parameter '{parameter.Name}' is neither a parameter of '{step.Name}' nor its result"
            : $"its parameter '{parameter.Name}' is '{TypeName.ForPeople(parameter.Type)}', and that of '{step.Name}' is '{TypeName.ForPeople(same.Type)}'";
        return null;
    }

    // A service is found anywhere; data is the receiver of the call that is undone, or there is none.
    private static string? ReceiverProblem(IMethodSymbol step, IMethodSymbol undo) =>
        undo.IsStatic || !ParameterRoles.IsReceiverInput(undo.ContainingType) || !step.IsStatic
            ? null
            : $"it is a method of '{undo.ContainingType.Name}', which is data, and '{step.Name}' is static and has none; make it static";

    private static bool IsGeneric(IMethodSymbol method) => method.TypeParameters.Length > 0 || TypeParameters.OfType(method.ContainingType).Count > 0;

    private static bool Same(ITypeSymbol left, ITypeSymbol right) => SymbolEqualityComparer.Default.Equals(left, right);

    private static IEnumerable<INamedTypeSymbol> Bases(INamedTypeSymbol type)
    {
        for (var at = type; at is not null; at = at.BaseType)
            yield return at;
    }
}
