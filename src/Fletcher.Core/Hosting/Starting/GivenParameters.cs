using System.Text.Encodings.Web;
using System.Text.Json;

namespace Fletcher.Hosting;

/// <summary>Parameters as people write them on a command line: <c>month=2026-10-01</c>. What the schema says is a text is one; else what is JSON is JSON, and the rest text.</summary>
internal static class GivenParameters
{
    /// <summary>Names, and values as JSON.</summary>
    /// <param name="texts">What was written.</param>
    /// <param name="schema">What is known of the flow; null for nothing.</param>
    /// <param name="refuse">Makes the exception for one that cannot be read.</param>
    internal static IReadOnlyList<(string Name, string Json)> Parse(IReadOnlyList<string> texts, string? schema, Func<string, Exception> refuse)
    {
        using var rules = schema is null ? null : JsonDocument.Parse(schema);
        List<(string, string)> parameters = [];
        foreach (var text in texts)
        {
            var sign = text.IndexOf('=', StringComparison.Ordinal);
            if (sign <= 0)
                throw refuse($"Parameter '{text}' has no value. Write name=value: -p month=2026-10-01.");
            var (name, value) = (text[..sign].Trim(), text[(sign + 1)..]);
            if (parameters.Exists(given => given.Item1 == name))
                throw refuse($"Parameter '{name}' is given twice.");
            parameters.Add((name, TakesText(rules?.RootElement, name) || !IsJson(value) ? ToJson(value) : value));
        }

        return parameters;
    }

    /// <summary>The object with these parameters.</summary>
    internal static string ToObject(IEnumerable<(string Name, string Json)> parameters) =>
        "{" + string.Join(",", parameters.Select(static one => $"{ToJson(one.Name)}:{one.Json}")) + "}";

    internal static string ToJson(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    internal static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool TakesText(JsonElement? schema, string name) =>
        schema is { ValueKind: JsonValueKind.Object } rules
        && rules.TryGetProperty("properties", out var properties)
        && properties.TryGetProperty(name, out var rule)
        && rule.ValueKind == JsonValueKind.Object
        && rule.TryGetProperty("type", out var type)
        && type.ValueKind == JsonValueKind.String
        && type.GetString() == "string";
}
