using System.Buffers;
using System.Text.Json;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Hosting;

/// <summary>The parameters of a run that is started, as a call of the flow would keep them.</summary>
/// <param name="Json">A JSON object in UTF-8.</param>
/// <param name="Hash">By which a call with the same finds the run.</param>
/// <param name="Name">The run's name from the flow's template; null without one, and where the program does not have the flow.</param>
/// <param name="OnceKey">The flow's <c>Once</c> key; null as the name is.</param>
internal sealed record StartParameters(byte[] Json, ContentHash Hash, string? Name, string? OnceKey)
{
    private const int MostDepth = 1024;

    internal static StartParameters Of(Call call, ValueCodec codec)
    {
        var (hash, parameters) = InputRecorder.Record(call, default, 0, codec, null);
        return new StartParameters(parameters ?? "{}"u8.ToArray(), hash, call.Name(), call.RenderOnce());
    }

    /// <summary>Checks parameters that were given by name.</summary>
    /// <exception cref="FletcherUsageException">They do not fit the flow; the message names each that does not, by its path, and says what was expected.</exception>
    internal static StartParameters Check(KnownFlow flow, byte[] json, ValueCodec codec)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MostDepth });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new FletcherUsageException(
                "FLT1517", $"The parameters of flow '{flow.Name}' must be a JSON object with a property for each parameter, such as {{\"month\":\"2026-10-01\"}}, and are {document.RootElement.ValueKind}.");
        }

        if (flow.Schema is { } schema && JsonSchemaCheck.Find(schema, json) is { Count: > 0 } errors)
            throw new FletcherUsageException("FLT1517", $"The parameters do not fit flow '{flow.Name}': {string.Join("; ", errors)}. Its schema is {schema}");

        // A program that has the flow writes them as a call does; one that has not puts them into the order in which a call has them.
        if (flow.Definition?.Bind is { } bind)
            return Of(bind(new StoredArguments($"flow '{flow.Name}'", json, codec, null).ForShow()), codec);
        var ordered = flow.Schema is null ? json : Order(document.RootElement, flow.Schema);
        return new StartParameters(ordered, ChangedParameters.Hash(flow.Name, ordered), null, null);
    }

    private static byte[] Order(JsonElement given, string schema)
    {
        using var rules = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = MostDepth });
        if (!rules.RootElement.TryGetProperty("properties", out var known))
            known = default;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = MostDepth }))
        {
            writer.WriteStartObject();
            if (known.ValueKind == JsonValueKind.Object)
            {
                foreach (var parameter in known.EnumerateObject())
                {
                    if (given.TryGetProperty(parameter.Name, out var value))
                        Write(writer, parameter.Name, value);
                    else if (parameter.Value.ValueKind == JsonValueKind.Object && parameter.Value.TryGetProperty("default", out var without))
                        Write(writer, parameter.Name, without);
                }
            }

            foreach (var parameter in given.EnumerateObject())
            {
                if (known.ValueKind != JsonValueKind.Object || !known.TryGetProperty(parameter.Name, out _))
                    Write(writer, parameter.Name, parameter.Value);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, string name, JsonElement value)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(value.GetRawText());
    }
}
