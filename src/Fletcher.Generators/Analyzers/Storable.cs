using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Analyzers;

/// <summary>
/// What System.Text.Json is known to refuse. Only what is certain is named: a type that is not known is left to the run.
/// </summary>
internal static class Storable
{
    private const int MaxDepth = 3;

    /// <summary>Why a value cannot be written; null when nothing is known against it.</summary>
    internal static string? Problem(ITypeSymbol type) => Problem(type, "", 0);

    /// <summary>Why a value cannot be written, or not be read again.</summary>
    internal static string? ResultProblem(ITypeSymbol type) => Problem(type, "", 0) ?? ReadingProblem(type);

    private static string? Problem(ITypeSymbol type, string path, int depth)
    {
        if (type is IArrayTypeSymbol array)
        {
            return array.Rank > 1
                ? Say(path, $"'{TypeName.ForPeople(type)}' has several dimensions, which JSON does not know")
                : Problem(array.ElementType, path, depth);
        }

        if (HasOwnConverter(type))
            return null;
        if (UnstorableTypes.Reason(type) is { } reason)
            return Say(path, reason);
        if (type is not INamedTypeSymbol named)
            return null;
        if (DictionaryKey(named) is { } key && !IsKey(key))
            return Say(path, $"'{TypeName.ForPeople(key)}' cannot be a key of a JSON object");
        foreach (var argument in named.TypeArguments)
        {
            if ((named.IsTupleType || IsCollection(named) || named.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
                && Problem(argument, path, depth) is { } inner)
                return inner;
        }

        return depth < MaxDepth && IsOwn(named) && !IsCollection(named) ? MemberProblem(named, path, depth) : null;
    }

    private static string? MemberProblem(INamedTypeSymbol type, string path, int depth)
    {
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
        {
            if (property is { DeclaredAccessibility: Accessibility.Public, IsStatic: false, Parameters.Length: 0, GetMethod: not null }
                && !property.GetAttributes().Any(a => a.AttributeClass?.Name is "JsonIgnoreAttribute" or "JsonConverterAttribute")
                && Problem(property.Type, path.Length == 0 ? property.Name : $"{path}.{property.Name}", depth + 1) is { } problem)
                return problem;
        }

        return null;
    }

    private static string? ReadingProblem(ITypeSymbol type)
    {
        if (HasOwnConverter(type) || IsPolymorphic(type))
            return null;
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Interface, ContainingNamespace: { Name: "Linq" } })
            return $"a '{TypeName.ForPeople(type)}' is a query and not its result";
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Interface } @interface && !IsCollection(@interface) && @interface.SpecialType != SpecialType.System_Collections_IEnumerable)
            return "it is an interface, and a class to read it into is not known";
        return type is { TypeKind: TypeKind.Class, IsAbstract: true } && IsOwn((INamedTypeSymbol)type) && !IsCollection((INamedTypeSymbol)type)
            ? "it is abstract, and a class to read it into is not known; add [JsonDerivedType]"
            : null;
    }

    private static string Say(string path, string reason) => path.Length == 0 ? reason : $"member '{path}': {reason}";

    private static bool IsOwn(INamedTypeSymbol type) => !type.DeclaringSyntaxReferences.IsEmpty;

    private static bool HasOwnConverter(ITypeSymbol type) => type.GetAttributes().Any(a => a.AttributeClass?.Name == "JsonConverterAttribute");

    private static bool IsPolymorphic(ITypeSymbol type) =>
        type.GetAttributes().Any(a => a.AttributeClass?.Name is "JsonPolymorphicAttribute" or "JsonDerivedTypeAttribute");

    private static bool IsCollection(INamedTypeSymbol type) =>
        type.AllInterfaces.Append(type).Any(i => i.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T);

    private static ITypeSymbol? DictionaryKey(INamedTypeSymbol type) => type.AllInterfaces.Append(type)
        .FirstOrDefault(i => i is { Name: "IDictionary" or "IReadOnlyDictionary", TypeArguments.Length: 2 })?.TypeArguments[0];

    // Tuples, collections and own types without a converter are certain not to be keys; of others that is not known.
    private static bool IsKey(ITypeSymbol key) =>
        key is not IArrayTypeSymbol && (key is not INamedTypeSymbol named || !(named.IsTupleType || IsCollection(named) || (IsOwn(named) && named.TypeKind != TypeKind.Enum))
            || named.SpecialType == SpecialType.System_String || HasOwnConverter(named));
}
