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
        if (flow.Schema is null || !flow.Schema.Contains(Mark, StringComparison.Ordinal))
            return parameters;
        using var schema = JsonDocument.Parse(flow.Schema);
        if (!schema.RootElement.TryGetProperty("properties", out var properties))
            return parameters;
        var filled = new JsonObject();
        foreach (var property in properties.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty(Mark, out var form))
                filled[property.Name] = JsonValue.Create(Text(form, time));
        }

        return DeploymentChanges.Merge(parameters, filled.ToJsonString());
    }

    private static string Text(JsonElement form, DateTimeOffset time) => time.ToString(
        form.ValueEquals("date") ? "yyyy-MM-dd" : form.ValueEquals("local") ? "yyyy-MM-dd'T'HH:mm:ss" : "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
