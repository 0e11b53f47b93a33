using System.Buffers;
using System.Text;
using System.Text.Json;
using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>Puts other values into the stored parameters of a run, and checks that they fit the flow.</summary>
internal static class ChangedParameters
{
    /// <summary>The parameters with the changes.</summary>
    /// <param name="source">The run that they are of.</param>
    /// <param name="schema">The flow's JSON schema; null when this program does not have the flow. Then the stored parameters say what there may be.</param>
    /// <param name="changes">Values by name, JSON in UTF-8.</param>
    /// <exception cref="FletcherUsageException">A parameter does not exist, or its value is of another type; the message has all of them.</exception>
    internal static byte[] Merge(FlowRunRecord source, string? schema, IReadOnlyDictionary<string, byte[]> changes)
    {
        using var before = JsonDocument.Parse(source.Parameters, new JsonDocumentOptions { MaxDepth = 1024 });
        var known = before.RootElement.EnumerateObject().ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
        var merged = Write(before.RootElement, changes);
        var errors = schema is null ? FindStrangers(known, changes) : JsonSchemaCheck.Find(schema, merged);
        return errors.Count == 0 ? merged : throw new FletcherUsageException(
            "FLT1510", $"The changed parameters do not fit flow '{source.Flow}': {string.Join("; ", errors)}.");
    }

    /// <summary>
    /// The hash by which a call with these parameters finds the run, computed as a call does, from each value's JSON. Where a program writes a value in another way than it is written
    /// here, a call is not recognised and makes a run of its own; hosts take this one all the same.
    /// </summary>
    internal static ContentHash Hash(string flow, byte[] parameters)
    {
        using var identity = new MemoryStream();
        identity.Write(Encoding.UTF8.GetBytes(flow));
        identity.WriteByte(0); // a plain call
        using var json = JsonDocument.Parse(parameters, new JsonDocumentOptions { MaxDepth = 1024 });
        foreach (var parameter in json.RootElement.EnumerateObject())
            identity.Write(ContentHash.Of(Encoding.UTF8.GetBytes(parameter.Value.GetRawText())).ToByteArray());
        return ContentHash.Of(identity.ToArray());
    }

    private static byte[] Write(JsonElement before, IReadOnlyDictionary<string, byte[]> changes)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = 1024 }))
        {
            writer.WriteStartObject();
            foreach (var parameter in before.EnumerateObject())
            {
                writer.WritePropertyName(parameter.Name);
                if (changes.TryGetValue(parameter.Name, out var changed))
                    writer.WriteRawValue(changed);
                else
                    writer.WriteRawValue(parameter.Value.GetRawText());
            }

            foreach (var (name, value) in changes)
            {
                if (before.TryGetProperty(name, out _))
                    continue;
                writer.WritePropertyName(name);
                writer.WriteRawValue(value);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static List<string> FindStrangers(Dictionary<string, JsonElement> known, IReadOnlyDictionary<string, byte[]> changes)
    {
        List<string> errors = [];
        foreach (var (name, value) in changes)
        {
            using var json = JsonDocument.Parse(value);
            if (!known.TryGetValue(name, out var before))
                errors.Add($"'{name}' is no parameter; there are {(known.Count == 0 ? "none" : string.Join(", ", known.Keys))}");
            else if (KindOf(before) is { } was && KindOf(json.RootElement) is { } kind && was != kind)
                errors.Add($"'{name}' must be {was} and is {kind}");
        }

        return errors;
    }

    private static string? KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        _ => null, // a null may stand for anything
    };
}
