using System.Text.Json;
using System.Text.Json.Serialization;
using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>A run's id as people see it.</summary>
internal sealed class RunIdJson : JsonConverter<RunId>
{
    public override RunId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        RunId.TryParse(reader.GetString(), out var run) ? run : throw new JsonException("A run's id is none.");

    public override void Write(Utf8JsonWriter writer, RunId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
