using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Fletcher.Storage;

/// <summary>Texts (tags, names of flows) as a JSON array; none as NULL.</summary>
internal static class TextListJson
{
    public static string? Write(IReadOnlyList<string> texts)
    {
        if (texts.Count == 0)
            return null;

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var text in texts)
                json.WriteStringValue(text);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>A text as it stands in the array.</summary>
    public static string WriteOne(string text) => Write([text])![1..^1];

    public static IReadOnlyList<string> Read(byte[]? json)
    {
        if (json is null)
            return [];

        using var document = JsonDocument.Parse(json);
        return Read(document);
    }

    public static IReadOnlyList<string> Read(string? json)
    {
        if (json is null)
            return [];

        using var document = JsonDocument.Parse(json);
        return Read(document);
    }

    private static string[] Read(JsonDocument document) =>
        [.. document.RootElement.EnumerateArray().Select(static text => text.GetString()!)];
}
