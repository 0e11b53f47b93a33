using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Symbols;

/// <summary>The names under which a method is known.</summary>
internal static class MethodId
{
    /// <summary>Tells it apart from every other method of a program.</summary>
    internal static string Key(IMethodSymbol method) =>
        method.OriginalDefinition.GetDocumentationCommentId() ?? method.OriginalDefinition.ToDisplayString();

    /// <summary>The identifier of its definition in generated code.</summary>
    internal static string Field(IMethodSymbol method) => "D_" + StableHash.Text(Key(method));

    /// <summary>The stable name: the attribute's Id, or type and method; overloads have their parameters' types behind it.</summary>
    internal static string Stable(Marked marked)
    {
        foreach (var setting in marked.Attribute.NamedArguments)
        {
            if (setting is { Key: "Id", Value.Value: string { Length: > 0 } id })
                return id;
        }

        var method = marked.Declaration;
        var name = method.Name;
        for (var type = method.ContainingType; type is not null; type = type.ContainingType)
            name = type.Name + "." + name;
        if (!HasOverloads(method))
            return name;
        return $"{name}({string.Join(",", method.Parameters.Select(p => TypeName.ForPeople(p.Type)))})";
    }

    // Only overloads that are steps or flows themselves: an unmarked helper of the same name must not rename a step.
    private static bool HasOverloads(IMethodSymbol method) =>
        method.ContainingType.GetMembers(method.Name).OfType<IMethodSymbol>()
            .Any(other => !SymbolEqualityComparer.Default.Equals(other, method) && Marked.Own(other) is not null);
}
