using System.Text;
using Fletcher.Generators.Symbols;
using Microsoft.CodeAnalysis;

namespace Fletcher.Generators.Registry;

/// <summary>The JSON schema (draft 2020-12) of a flow's parameters, as System.Text.Json reads them with the engine's options.</summary>
internal static class ParameterSchema
{
    internal static string Of(IMethodSymbol flow)
    {
        var properties = new StringBuilder();
        var required = new List<string>();
        foreach (var parameter in flow.Parameters)
        {
            if (ParameterRoles.Of(parameter) != ParameterRole.Input)
                continue;
            if (properties.Length > 0)
                properties.Append(',');
            properties.Append(JsonText.Of(parameter.Name)).Append(':').Append(Property(parameter));
            if (!parameter.HasExplicitDefaultValue && !parameter.IsParams)
                required.Add(JsonText.Of(parameter.Name));
        }

        var list = required.Count == 0 ? "" : $",\"required\":[{string.Join(",", required)}]";
        return "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\",\"properties\":{"
            + properties + "}" + list + ",\"additionalProperties\":false}";
    }

    private static string Property(IParameterSymbol parameter)
    {
        var schema = TypeSchema.Of(parameter.Type);
        if (schema != "{}" && ScheduledTime(parameter) is { } form)
            schema = $"{schema.Substring(0, schema.Length - 1)},\"x-scheduled-time\":\"{form}\"}}";
        if (!parameter.HasExplicitDefaultValue || JsonText.OfConstant(parameter.ExplicitDefaultValue) is not { } value)
            return schema;
        return schema == "{}" ? $"{{\"default\":{value}}}" : $"{schema.Substring(0, schema.Length - 1)},\"default\":{value}}}";
    }

    // How a deployment fills it; to validators it is a remark. Of another type it is filled by nobody, and so is missing when the flow is deployed.
    private static string? ScheduledTime(IParameterSymbol parameter)
    {
        if (!parameter.GetAttributes().Any(a => a.AttributeClass is { Name: "ScheduledTimeAttribute", ContainingNamespace.Name: "Fletcher" }))
            return null;
        var type = parameter.Type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : parameter.Type;
        return type.Name switch
        {
            "DateTimeOffset" => "instant",
            "DateTime" => "local",
            "DateOnly" => "date",
            _ => null,
        };
    }
}
