using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Fletcher.Storage.Sqlite;

/// <summary>Tags as a JSON array of text; none as NULL.</summary>
internal static class TagsJson
{
    public static string? Write(IReadOnlyList<string> tags)
    {
        if (tags.Count == 0)
            return null;

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var tag in tags)
                json.WriteStringValue(tag);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static IReadOnlyList<string> Read(byte[]? text)
    {
        if (text is null)
            return [];

        using var document = JsonDocument.Parse(text);
        return [.. document.RootElement.EnumerateArray().Select(static tag => tag.GetString()!)];
    }
}
