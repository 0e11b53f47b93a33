using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Symbols;

/// <summary>A method that is a step or a flow, and the declaration that says so.</summary>
/// <param name="Method">The method as it is called, unconstructed and not reduced.</param>
/// <param name="Declaration">The method with the attribute: itself, or one that it overrides or implements.</param>
/// <param name="Attribute">The attribute.</param>
/// <param name="IsFlow">Whether it is a flow. A method with both attributes counts as a flow; an analyzer reports it.</param>
internal readonly record struct Marked(IMethodSymbol Method, IMethodSymbol Declaration, AttributeData Attribute, bool IsFlow)
{
    internal const string StepAttribute = "Fletcher.StepAttribute";
    internal const string FlowAttribute = "Fletcher.FlowAttribute";

    /// <summary>
    /// An override is what the overridden method is, as .NET attributes are inherited. A method that implements an interface's
    /// step is that step too: otherwise it would depend on the variable's type whether a call is remembered.
    /// </summary>
    internal static Marked? Find(IMethodSymbol? method)
    {
        if (method is null)
            return null;
        method = (method.ReducedFrom ?? method).OriginalDefinition;
        for (var declaration = method; declaration is not null; declaration = declaration.OverriddenMethod?.OriginalDefinition)
        {
            if (Own(method, declaration) is { } found)
                return found;
        }

        return method is { MethodKind: MethodKind.Ordinary, IsStatic: false, ContainingType.TypeKind: not TypeKind.Interface }
            ? Implemented(method)
            : null;
    }

    /// <summary>Whether it has the attribute itself.</summary>
    internal static Marked? Own(IMethodSymbol method) => Own(method, method);

    private static Marked? Own(IMethodSymbol method, IMethodSymbol declaration)
    {
        AttributeData? step = null;
        foreach (var attribute in declaration.GetAttributes())
        {
            if (Is(attribute, "FlowAttribute"))
                return new Marked(method, declaration, attribute, IsFlow: true);
            if (Is(attribute, "StepAttribute"))
                step = attribute;
        }

        return step is null ? null : new Marked(method, declaration, step, IsFlow: false);
    }

    private static Marked? Implemented(IMethodSymbol method)
    {
        foreach (var type in method.ContainingType.AllInterfaces)
        {
            foreach (var member in type.GetMembers(method.Name))
            {
                if (member is IMethodSymbol declaration
                    && Own(method, declaration.OriginalDefinition) is { } found
                    && SymbolEqualityComparer.Default.Equals(
                        method, method.ContainingType.FindImplementationForInterfaceMember(declaration)?.OriginalDefinition))
                    return found;
            }
        }

        return null;
    }

    private static bool Is(AttributeData attribute, string name) => attribute.AttributeClass is { } type && IsFletcher(type, name);

    /// <summary>Whether a type is Fletcher's own of this name; types that merely share the name are not.</summary>
    internal static bool IsFletcher(ITypeSymbol type, string name) =>
        type.Name == name
        && type.ContainingType is null
        && type.ContainingNamespace is { Name: "Fletcher", ContainingNamespace.IsGlobalNamespace: true }
        && type.ContainingAssembly?.Name == "Fletcher.Core";
}
