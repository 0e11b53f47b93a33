using Fletcher.Generators.Symbols;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Registry;

/// <summary>The JSON schema of a type.</summary>
internal static class TypeSchema
{
    // Deep enough for what people type into a form; below, and in circles, anything is allowed.
    private const int MaxDepth = 4;

    internal static string Of(ITypeSymbol type) => Of(type, 0);

    private static string Of(ITypeSymbol type, int depth)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            return OrNull(Of(nullable.TypeArguments[0], depth));
        var schema = NotNull(type, depth);
        return type is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.Annotated } ? OrNull(schema) : schema;
    }

    private static string NotNull(ITypeSymbol type, int depth)
    {
        if (Simple(type) is { } simple)
            return simple;
        if (type is { Name: "Secret", ContainingNamespace: { Name: "Fletcher", ContainingNamespace.IsGlobalNamespace: true } })
            return "{\"type\":\"object\",\"properties\":{\"$secret\":{\"type\":\"string\"}},\"required\":[\"$secret\"],\"additionalProperties\":false}";
        if (type.TypeKind == TypeKind.Enum)
            return Enum((INamedTypeSymbol)type);
        if (type is IArrayTypeSymbol array)
            return $"{{\"type\":\"array\",\"items\":{Of(array.ElementType, depth)}}}";
        if ((Element(type, "IDictionary", 2) ?? Element(type, "IReadOnlyDictionary", 2)) is { } value)
            return $"{{\"type\":\"object\",\"additionalProperties\":{Of(value, depth)}}}";
        if (Element(type, "IEnumerable", 1) is { } item)
            return $"{{\"type\":\"array\",\"items\":{Of(item, depth)}}}";
        return type is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } named
            && type.SpecialType != SpecialType.System_Object && depth < MaxDepth && !HasConverter(type) && !IsForeign(type)
                ? ObjectSchema.Of(named, t => Of(t, depth + 1))
                : "{}";
    }

    private static string? Simple(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_String => "{\"type\":\"string\"}",
        SpecialType.System_Char => "{\"type\":\"string\",\"minLength\":1,\"maxLength\":1}",
        SpecialType.System_Boolean => "{\"type\":\"boolean\"}",
        SpecialType.System_Byte => "{\"type\":\"integer\",\"minimum\":0,\"maximum\":255}",
        SpecialType.System_UInt16 or SpecialType.System_UInt32 or SpecialType.System_UInt64 => "{\"type\":\"integer\",\"minimum\":0}",
        SpecialType.System_SByte or SpecialType.System_Int16 or SpecialType.System_Int32 or SpecialType.System_Int64 => "{\"type\":\"integer\"}",
        SpecialType.System_Single or SpecialType.System_Double or SpecialType.System_Decimal => "{\"type\":\"number\"}",
        SpecialType.System_DateTime => Text("date-time"),
        _ when type is IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Byte } => "{\"type\":\"string\",\"contentEncoding\":\"base64\"}",
        _ => type.ContainingNamespace?.ToDisplayString() == "System" ? SimpleOfSystem(type.Name) : null,
    };

    private static string? SimpleOfSystem(string name) => name switch
    {
        "DateTimeOffset" => Text("date-time"),
        "DateOnly" => Text("date"),
        // Not formats "time" and "duration": those want a zone, and ISO 8601.
        "TimeOnly" or "TimeSpan" or "Version" => "{\"type\":\"string\"}",
        "Guid" => Text("uuid"),
        "Uri" => Text("uri"),
        "Half" => "{\"type\":\"number\"}",
        "Int128" or "UInt128" => "{\"type\":\"integer\"}",
        _ => null,
    };

    private static string Text(string format) => $"{{\"type\":\"string\",\"format\":\"{format}\"}}";

    private static string Enum(INamedTypeSymbol type)
    {
        var fields = type.GetMembers().OfType<IFieldSymbol>().Where(f => f.HasConstantValue).ToArray();
        var isText = type.GetAttributes().Any(a => a.AttributeClass?.Name == "JsonConverterAttribute");
        var names = string.Join(",", fields.Select(f => JsonText.Of(f.Name)));
        if (isText)
            return $"{{\"enum\":[{names}]}}";
        if (type.GetAttributes().Any(a => a.AttributeClass?.Name == "FlagsAttribute"))
            return "{\"type\":\"integer\"}";
        return $"{{\"type\":\"integer\",\"enum\":[{string.Join(",", fields.Select(f => JsonText.OfConstant(f.ConstantValue)))}],\"x-enumNames\":[{names}]}}";
    }

    private static string OrNull(string schema) => schema == "{}" ? schema : $"{{\"anyOf\":[{schema},{{\"type\":\"null\"}}]}}";

    /// <summary>The last type argument of a collection interface that a type is or implements.</summary>
    private static ITypeSymbol? Element(ITypeSymbol type, string @interface, int arity)
    {
        var found = type.AllInterfaces.Concat(type is INamedTypeSymbol { TypeKind: TypeKind.Interface } self ? [self] : [])
            .FirstOrDefault(i => i.Name == @interface && i.TypeArguments.Length == arity
                && i.ContainingNamespace.ToDisplayString() == "System.Collections.Generic");
        return found?.TypeArguments[arity - 1];
    }

    private static bool HasConverter(ITypeSymbol type) =>
        type.GetAttributes().Any(a => a.AttributeClass?.Name is "JsonConverterAttribute" or "JsonPolymorphicAttribute" or "JsonDerivedTypeAttribute");

    // The framework's own classes (JsonElement, BigInteger …) are written by converters, not by their properties.
    private static bool IsForeign(ITypeSymbol type) =>
        type is { IsTupleType: false } && type.ContainingNamespace?.ToDisplayString() is { } space
        && (space == "System" || space.StartsWith("System.", StringComparison.Ordinal)) && type.Name is not "KeyValuePair";
}
