using System.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Registry;

/// <summary>The JSON schema of an object: its public properties and fields, under the names that the serialiser uses.</summary>
internal static class ObjectSchema
{
    internal static string Of(INamedTypeSymbol type, Func<ITypeSymbol, string> schemaOf)
    {
        var properties = new StringBuilder();
        var required = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, member, memberType) in Members(type))
        {
            if (!seen.Add(name))
                continue;
            if (properties.Length > 0)
                properties.Append(',');
            properties.Append(JsonText.Of(name)).Append(':').Append(schemaOf(memberType));
            if (member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true })
                required.Add(JsonText.Of(name));
        }

        var list = required.Count == 0 ? "" : $",\"required\":[{string.Join(",", required)}]";
        return $"{{\"type\":\"object\",\"properties\":{{{properties}}}{list}}}";
    }

    private static IEnumerable<(string Name, ISymbol Member, ITypeSymbol Type)> Members(INamedTypeSymbol type)
    {
        if (type.IsTupleType)
            return type.TupleElements.Select((e, i) => ($"Item{i + 1}", (ISymbol)e, e.Type));
        return Hierarchy(type).SelectMany(t => t.GetMembers())
            .Where(m => m is { DeclaredAccessibility: Accessibility.Public, IsStatic: false, IsImplicitlyDeclared: false } && !IsIgnored(m))
            .Select(m => (Name(m), m, m switch
            {
                IPropertySymbol { Parameters.Length: 0, GetMethod.DeclaredAccessibility: Accessibility.Public } property => property.Type,
                IFieldSymbol field => field.Type,
                _ => null,
            }))
            .Where(m => m.Item3 is not null)!;
    }

    private static IEnumerable<INamedTypeSymbol> Hierarchy(INamedTypeSymbol type)
    {
        for (var at = type; at is { SpecialType: not (SpecialType.System_Object or SpecialType.System_ValueType) }; at = at.BaseType)
            yield return at;
    }

    private static string Name(ISymbol member) =>
        member.GetAttributes().FirstOrDefault(a => a.AttributeClass?.Name == "JsonPropertyNameAttribute")
            ?.ConstructorArguments.FirstOrDefault().Value as string ?? member.Name;

    private static bool IsIgnored(ISymbol member) => member.GetAttributes().Any(a => a.AttributeClass?.Name == "JsonIgnoreAttribute");
}
