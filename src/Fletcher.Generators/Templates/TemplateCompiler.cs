using System.Text;
using Fletcher.Generators.Symbols;
using Fletcher.Generators.Text;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Templates;

/// <summary>Turns a template into a C# expression over the arguments of a call, which generated code names <c>a0</c>, <c>a1</c> ….</summary>
internal sealed class TemplateCompiler(IMethodSymbol method, Reach reach)
{
    /// <summary>The expression; null when the template is wrong, and then <paramref name="error"/> says how.</summary>
    internal string? Compile(string template, out string error)
    {
        if (Template.Parse(template, out error) is not { } parts)
            return null;
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            if (!part.IsHole)
            {
                text.Append(Inside(part.Text).Replace("{", "{{").Replace("}", "}}"));
                continue;
            }

            if (Path(part.Text, out var type, out error) is not { } path || !CheckFormat(part, type!, out error))
                return null;
            text.Append("{(").Append(path).Append(')');
            if (part.Format is { } format)
                text.Append(':').Append(Inside(format));
            text.Append('}');
        }

        return $"string.Create(global::System.Globalization.CultureInfo.InvariantCulture, $\"{text}\")";
    }

    private static string Inside(string text)
    {
        var literal = Literal.Of(text);
        return literal.Substring(1, literal.Length - 2);
    }

    private string? Path(string path, out ITypeSymbol? type, out string error)
    {
        type = null;
        error = "";
        var names = path.Split('.');
        var parameter = method.Parameters.FirstOrDefault(p => p.Name == names[0]);
        if (parameter is null)
        {
            var known = string.Join(", ", method.Parameters.Select(p => p.Name));
            error = $"'{names[0]}' is not a parameter of '{method.Name}'; it has {(known.Length == 0 ? "none" : known)}";
            return null;
        }

        type = parameter.Type;
        var expression = "a" + parameter.Ordinal;
        for (var i = 1; i < names.Length; i++)
        {
            var isNullable = type.IsReferenceType || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T;
            var holder = Underlying(type);
            if (Member(holder, names[i]) is not { } member)
            {
                error = $"'{TypeName.ForPeople(holder)}' has no accessible property or field '{names[i]}'";
                return null;
            }

            expression += (isNullable ? "?." : ".") + "@" + names[i];
            type = member;
        }

        return expression;
    }

    private ITypeSymbol? Member(ITypeSymbol type, string name)
    {
        var holders = type.TypeKind == TypeKind.Interface ? new[] { type }.Concat(type.AllInterfaces) : BaseTypes(type);
        foreach (var member in holders.SelectMany(t => t.GetMembers(name)))
        {
            var memberType = member switch
            {
                IPropertySymbol { IsStatic: false, GetMethod: { } getter, Parameters.Length: 0 } property when reach.CanUse(getter) => property.Type,
                IFieldSymbol { IsStatic: false } field => field.Type,
                _ => null,
            };
            if (memberType is not null && reach.CanUse(member))
                return memberType;
        }

        return null;
    }

    private static IEnumerable<ITypeSymbol> BaseTypes(ITypeSymbol type)
    {
        for (var at = type; at is not null; at = at.BaseType)
            yield return at;
    }

    private static ITypeSymbol Underlying(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;

    private static bool CheckFormat(TemplatePart part, ITypeSymbol type, out string error)
    {
        error = "";
        if (part.Format is not { } format)
            return true;
        type = Underlying(type);
        if (format.Trim().Length == 0 || format.Contains("{"))
            error = $"the format of '{{{part.Text}:{format}}}' is empty or has a brace in it";
        else if (type.TypeKind is TypeKind.Class or TypeKind.Struct or TypeKind.Array
            && type.SpecialType != SpecialType.System_Object
            && !type.AllInterfaces.Any(i => i.Name == "IFormattable"))
            error = $"'{part.Text}' is a '{TypeName.ForPeople(type)}', which takes no format";
        return error.Length == 0;
    }
}
