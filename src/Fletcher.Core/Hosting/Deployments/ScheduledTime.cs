using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>Gives the parameter that is marked <see cref="ScheduledTimeAttribute"/> the time of a firing. The mark is in the flow's schema, so that programs without the flow see it.</summary>
internal static class ScheduledTime
{
    private const string Mark = "x-scheduled-time";

    /// <summary>Parameters with the time of a firing in them; those that were given when no parameter is marked.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="parameters">A JSON object.</param>
    /// <param name="time">The time, as local time in the schedule's zone.</param>
    internal static string Fill(KnownFlow flow, string parameters, DateTimeOffset time)
    {
        var marked = Find(flow.Schema);
        if (marked.Count == 0)
            return parameters;
        var filled = new JsonObject();
        foreach (var (name, form) in marked)
            filled[name] = time.ToString(form, CultureInfo.InvariantCulture);
        return DeploymentChanges.Merge(parameters, filled.ToJsonString());
    }

    /// <summary>Parameters of a call without those that each firing fills: what the call has for them means nothing.</summary>
    /// <param name="schema">The flow's schema.</param>
    /// <param name="parameters">A JSON object.</param>
    internal static string Clear(string? schema, string parameters)
    {
        var marked = Find(schema);
        if (marked.Count == 0)
            return parameters;
        var others = JsonNode.Parse(parameters)!.AsObject();
        foreach (var (name, _) in marked)
            others.Remove(name);
        return DeploymentChanges.Merge("{}", others.ToJsonString());
    }

    private static List<(string Name, string Form)> Find(string? schema)
    {
        if (schema is null || !schema.Contains(Mark, StringComparison.Ordinal))
            return [];
        using var document = JsonDocument.Parse(schema);
        if (!document.RootElement.TryGetProperty("properties", out var properties))
            return [];
        List<(string, string)> found = [];
        foreach (var property in properties.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty(Mark, out var form))
                found.Add((property.Name, FormatOf(form)));
        }

        return found;
    }

    private static string FormatOf(JsonElement form) =>
        form.ValueEquals("date") ? "yyyy-MM-dd" : form.ValueEquals("local") ? "yyyy-MM-dd'T'HH:mm:ss" : "yyyy-MM-dd'T'HH:mm:sszzz";
}
