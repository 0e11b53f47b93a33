using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Fletcher.Masking;

/// <summary>
/// Takes secrets out of JSON, which stays JSON: a text or a name with one gets the mask in its place, and a number that is one becomes a text. It looks at values as they are read, not as they are
/// written, as there are many ways to escape a character.
/// </summary>
internal static class JsonMask
{
    /// <summary>The JSON without secrets; the same array when it has none.</summary>
    internal static byte[] Mask(byte[] json)
    {
        if (!SecretMask.IsActive || !MayHave(json))
            return json;
        try
        {
            var buffer = new ArrayBufferWriter<byte>(json.Length);
            using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1024 });
            var hasChanged = false;
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1024 });
            while (reader.Read())
                hasChanged |= Copy(ref reader, writer);
            writer.Flush();
            return hasChanged ? buffer.WrittenSpan.ToArray() : json;
        }
        catch (JsonException)
        {
            // Not JSON after all: a text like any other.
            return SecretMask.Replace(Encoding.UTF8.GetString(json)) is { } masked ? Encoding.UTF8.GetBytes(masked) : json;
        }
    }

    /// <summary>The JSON text without secrets.</summary>
    internal static string Mask(string json)
    {
        if (!SecretMask.IsActive)
            return json;
        var before = Encoding.UTF8.GetBytes(json);
        var after = Mask(before);
        return ReferenceEquals(before, after) ? json : Encoding.UTF8.GetString(after);
    }

    /// <summary>Whether a value in JSON holds a secret, however it is escaped.</summary>
    internal static bool IsIn(ReadOnlySpan<byte> json)
    {
        if (!MayHave(json))
            return false;
        if (SecretMask.IsIn(json))
            return true;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1024 });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && SecretMask.Replace(reader.GetString()) is not null)
                return true;
        }

        return false;
    }

    private static bool MayHave(ReadOnlySpan<byte> json) => json.Contains((byte)'\\') || SecretMask.IsIn(json);

    private static bool Copy(ref Utf8JsonReader reader, Utf8JsonWriter writer)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                return false;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                return false;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                return false;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                return false;
            case JsonTokenType.PropertyName:
                var name = reader.GetString()!;
                var maskedName = SecretMask.Mask(name);
                writer.WritePropertyName(maskedName);
                return !ReferenceEquals(name, maskedName);
            case JsonTokenType.String:
                var text = reader.GetString()!;
                var maskedText = SecretMask.Mask(text);
                writer.WriteStringValue(maskedText);
                return !ReferenceEquals(text, maskedText);
            default:
                var raw = Encoding.UTF8.GetString(reader.ValueSpan);
                if (SecretMask.Replace(raw) is { } masked)
                {
                    writer.WriteStringValue(masked);
                    return true;
                }

                writer.WriteRawValue(raw, skipInputValidation: true);
                return false;
        }
    }
}
