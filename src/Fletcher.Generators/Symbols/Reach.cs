using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Symbols;

/// <summary>What generated code, which stands outside all of the user's types, can name.</summary>
internal sealed class Reach(Compilation compilation)
{
    internal bool CanCall(IMethodSymbol method) => compilation.IsSymbolAccessibleWithin(method, compilation.Assembly);

    internal bool CanUse(ISymbol member) => compilation.IsSymbolAccessibleWithin(member, compilation.Assembly);

    /// <summary>The first part of a type that generated code cannot name; null when it can name all of it.</summary>
    internal ITypeSymbol? Obstacle(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => Obstacle(array.ElementType),
        ITypeParameterSymbol => null,
        INamedTypeSymbol named => NamedObstacle(named),
        // Pointers, function pointers and dynamic: the first two cannot be fields of a generic call, the last would bind at run time.
        _ => type,
    };

    private ITypeSymbol? NamedObstacle(INamedTypeSymbol type)
    {
        if (type.TypeKind == TypeKind.Error || type.IsAnonymousType || type.IsFileLocal
            || !compilation.IsSymbolAccessibleWithin(type.OriginalDefinition, compilation.Assembly)
            || IsAliased(type))
            return type;
        if (type.ContainingType is { } outer && NamedObstacle(outer) is { } obstacle)
            return obstacle;
        return type.TypeArguments.Select(Obstacle).FirstOrDefault(o => o is not null);
    }

    // With `extern alias` a type may not be in the global namespace, and `global::` does not find it.
    private bool IsAliased(INamedTypeSymbol type) =>
        type.ContainingAssembly is { } assembly
        && compilation.GetMetadataReference(assembly)?.Properties.Aliases is { IsDefaultOrEmpty: false } aliases
        && !aliases.Contains(MetadataReferenceProperties.GlobalAlias);
}
