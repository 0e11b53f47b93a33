using System.Text.Json;
using Fletcher.Engine;
using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>A value that a person gives in the place of what code would have: as an object, or as JSON.</summary>
internal abstract class GivenValue
{
    internal static GivenValue Of<T>(T value) => new Typed<T>(value);

    /// <exception cref="FletcherUsageException">The text is no JSON.</exception>
    internal static GivenValue OfJson(string json) => new Text(Minimal(json));

    /// <summary>The value as a step's result is kept.</summary>
    /// <exception cref="FletcherUsageException">It cannot be written as JSON.</exception>
    internal abstract StoredValue ToStored(JsonSerializerOptions options, string what);

    /// <summary>The value as JSON in UTF-8.</summary>
    /// <exception cref="FletcherUsageException">It cannot be written as JSON.</exception>
    internal abstract byte[] ToJson(JsonSerializerOptions options, string what);

    /// <summary>The same JSON without white space, as the engine would write it, so that equal values have equal hashes.</summary>
    private static byte[] Minimal(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json);
            using var buffer = new MemoryStream();
            using (var writer = new Utf8JsonWriter(buffer))
                document.WriteTo(writer);
            return buffer.ToArray();
        }
        catch (JsonException e)
        {
            var start = json.Length > 80 ? json[..80] + "…" : json;
            throw new FletcherUsageException("FLT1508", $"What was given is no JSON: {e.Message} It begins with: {start}", e);
        }
    }

    private sealed class Typed<T>(T value) : GivenValue
    {
        internal override StoredValue ToStored(JsonSerializerOptions options, string what) => Write(what, () => new ValueCodec(options).Encode(value));

        internal override byte[] ToJson(JsonSerializerOptions options, string what) => Write(what, () => JsonSerializer.SerializeToUtf8Bytes(value, options));

        private TWritten Write<TWritten>(string what, Func<TWritten> write)
        {
            try
            {
                return write();
            }
            catch (Exception e) when (e is NotSupportedException or JsonException or InvalidOperationException)
            {
                throw ValueErrors.Input(what, typeof(T), value, e);
            }
        }
    }

    private sealed class Text(byte[] json) : GivenValue
    {
        internal override StoredValue ToStored(JsonSerializerOptions options, string what) => new(ValueFormat.Json, json, null, ContentHash.Of(json), json.Length);

        internal override byte[] ToJson(JsonSerializerOptions options, string what) => json;
    }
}
