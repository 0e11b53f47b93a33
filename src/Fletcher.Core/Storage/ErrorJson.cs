using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// Errors as JSON text. Written by hand, so that the stored names do not follow a renamed property, and so that it works
/// where reflection is switched off (file-based programs).
/// </summary>
internal static class ErrorJson
{
    // Each level of inner exceptions is an object in an array; deeper ones say nothing that a person would read.
    private const int DeepestInner = 64;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = (2 * DeepestInner) + 8 };

    public static string? Write(ErrorRecord? error)
    {
        if (error is null)
            return null;

        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, error, 0);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static ErrorRecord? Read(byte[]? text)
    {
        if (text is null)
            return null;

        using var document = JsonDocument.Parse(text, Options);
        return Read(document.RootElement);
    }

    public static ErrorRecord? Read(string? text)
    {
        if (text is null)
            return null;

        using var document = JsonDocument.Parse(text, Options);
        return Read(document.RootElement);
    }

    private static void Write(Utf8JsonWriter json, ErrorRecord error, int depth)
    {
        json.WriteStartObject();
        json.WriteString("type", error.Type);
        json.WriteString("message", error.Message);
        if (error.StackTrace is { } stackTrace)
            json.WriteString("stackTrace", stackTrace);
        json.WriteNumber("class", (int)error.Class);
        if (error.Code is { } code)
            json.WriteString("code", code);
        if (error.CauseRunId is { } cause)
            json.WriteString("causeRunId", cause.ToString());
        if (error.CauseSequence != 0)
            json.WriteNumber("causeSequence", error.CauseSequence);
        if (error.Inner.Count > 0 && depth < DeepestInner)
        {
            json.WriteStartArray("inner");
            foreach (var inner in error.Inner)
                Write(json, inner, depth + 1);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static ErrorRecord Read(JsonElement json) => new()
    {
        Type = json.GetProperty("type").GetString()!,
        Message = json.GetProperty("message").GetString()!,
        StackTrace = Text(json, "stackTrace"),
        Class = (FailureClass)json.GetProperty("class").GetInt32(),
        Code = Text(json, "code"),
        CauseRunId = Text(json, "causeRunId") is { } cause ? RunId.Parse(cause, CultureInfo.InvariantCulture) : null,
        CauseSequence = json.TryGetProperty("causeSequence", out var sequence) ? sequence.GetInt32() : 0,
        Inner = json.TryGetProperty("inner", out var inner) ? [.. inner.EnumerateArray().Select(Read)] : [],
    };

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
