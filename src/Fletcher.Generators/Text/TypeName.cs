using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Text;

/// <summary>Types as generated code names them: in full, with nullability, never dependent on usings.</summary>
internal static class TypeName
{
    private static readonly SymbolDisplayFormat Full = SymbolDisplayFormat.FullyQualifiedFormat
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly SymbolDisplayFormat Short = SymbolDisplayFormat.MinimallyQualifiedFormat;

    internal static string Of(ITypeSymbol type) => type.ToDisplayString(Full);

    /// <summary>Without the outermost question mark of a reference type: as <c>typeof</c> and type tests want it.</summary>
    internal static string NotNull(ITypeSymbol type) =>
        Of(type.IsReferenceType ? type.WithNullableAnnotation(NullableAnnotation.NotAnnotated) : type);

    /// <summary>For people.</summary>
    internal static string ForPeople(ITypeSymbol type) => type.ToDisplayString(Short);

    /// <summary>The operand of <c>typeof</c> for a type that may be generic: <c>global::Box&lt;&gt;</c>.</summary>
    internal static string Unbound(INamedTypeSymbol type) =>
        (type.IsGenericType ? type.OriginalDefinition.ConstructUnboundGenericType() : type).ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    /// <summary>The name that <c>UnsafeAccessorType</c> reads: <c>Name.Space.Outer+Inner, Assembly</c>.</summary>
    /// <param name="type">The type.</param>
    /// <param name="arguments">Its type arguments in that notation, or nothing.</param>
    internal static string ForReflection(INamedTypeSymbol type, string arguments)
    {
        var name = type.MetadataName;
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
            name = outer.MetadataName + "+" + name;
        if (type.ContainingNamespace is { IsGlobalNamespace: false } space)
            name = space.ToDisplayString() + "." + name;
        return $"{name}{arguments}, {type.ContainingAssembly.Name}";
    }
}
