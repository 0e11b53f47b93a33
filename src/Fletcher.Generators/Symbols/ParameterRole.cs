using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Symbols;

/// <summary>What a parameter is to the engine.</summary>
internal enum ParameterRole
{
    /// <summary>Data: takes part in recognising the call, and is stored.</summary>
    Input,
    /// <summary>The cancellation token.</summary>
    Token,
    /// <summary>A service or the like: handed through.</summary>
    Service,
}

/// <summary>Decides what parameters and receivers are inputs. The rules are those that <c>NotInputAttribute</c> documents.</summary>
internal static class ParameterRoles
{
    // The compiler fills these in; an input that moves with every edit above the call would make each call a new one.
    private static readonly string[] CallerInfo =
        ["CallerLineNumberAttribute", "CallerFilePathAttribute", "CallerMemberNameAttribute", "CallerArgumentExpressionAttribute"];

    internal static ParameterRole Of(IParameterSymbol parameter)
    {
        if (IsToken(parameter.Type))
            return ParameterRole.Token;
        foreach (var attribute in parameter.GetAttributes())
        {
            if (attribute.AttributeClass is { } type
                && (Marked.IsFletcher(type, "NotInputAttribute") || CallerInfo.Contains(type.Name)))
                return ParameterRole.Service;
        }

        return IsService(parameter.Type) ? ParameterRole.Service : ParameterRole.Input;
    }

    /// <summary>Whether calls on it are told apart by what it contains: records and structs are data, other classes are services.</summary>
    internal static bool IsReceiverInput(INamedTypeSymbol type) => type.IsRecord || type.TypeKind == TypeKind.Struct;

    internal static bool IsToken(ITypeSymbol type) =>
        type is { Name: "CancellationToken", ContainingNamespace: { Name: "Threading", ContainingNamespace.Name: "System" } };

    internal static bool IsService(ITypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Delegate } => true,
        { TypeKind: TypeKind.Interface } => !IsCollection(type) && !IsPolymorphicData(type),
        { TypeKind: TypeKind.Class } => (IsDisposable(type) && !Is(type, "JsonDocument", "System.Text.Json")) || IsOrDerives(type, "TimeProvider", "System"),
        _ => false,
    };

    private static bool IsCollection(ITypeSymbol type) =>
        type.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T
        || type.AllInterfaces.Any(i => i.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T);

    private static bool IsPolymorphicData(ITypeSymbol type) =>
        type.GetAttributes().Any(a => a.AttributeClass?.Name is "JsonPolymorphicAttribute" or "JsonDerivedTypeAttribute");

    private static bool IsDisposable(ITypeSymbol type) =>
        type.AllInterfaces.Any(i => Is(i, "IDisposable", "System") || Is(i, "IAsyncDisposable", "System"));

    private static bool IsOrDerives(ITypeSymbol type, string name, string space)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (Is(at, name, space))
                return true;
        }

        return false;
    }

    private static bool Is(ITypeSymbol type, string name, string space) =>
        type.Name == name && type.ContainingNamespace?.ToDisplayString() == space;
}
