using System.Text.Json;
using Fletcher.Engine;

namespace Fletcher.Hosting;

/// <summary>Values of variables as JSON.</summary>
internal static class VariableJson
{
    private const int LargestValue = 64 * 1024;
    private const int MostShown = 60;

    internal static T Read<T>(string name, string json, JsonSerializerOptions options)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, options)!;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            var shown = json.Length <= MostShown ? json : json[..MostShown] + "…";
            throw new FletcherUsageException("FLT1803", $"The variable '{name}' is {shown}, which cannot be read as '{typeof(T).Name}': {e.Message} Read it as what it is, or set it to another value.", e);
        }
    }

    internal static byte[] Write<T>(string name, T value, JsonSerializerOptions options)
    {
        try
        {
            return Checked(name, JsonSerializer.SerializeToUtf8Bytes(value, options));
        }
        catch (Exception e) when (e is NotSupportedException or JsonException or InvalidOperationException)
        {
            throw ValueErrors.Input($"variable '{name}'", typeof(T), value, e);
        }
    }

    /// <summary>JSON that somebody wrote, in its shortest form.</summary>
    internal static byte[] Parse(string name, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Checked(name, JsonSerializer.SerializeToUtf8Bytes(document.RootElement, ValueCodec.CreateOptions()));
        }
        catch (JsonException e)
        {
            throw new FletcherUsageException("FLT1806", $"The value for the variable '{name}' is no JSON: {e.Message} A text stands in quotes: \"text\".", e);
        }
    }

    private static byte[] Checked(string name, byte[] json) => json.Length <= LargestValue ? json : throw new FletcherUsageException(
        "FLT1805", $"The value for the variable '{name}' has {json.Length} bytes; {LargestValue} are allowed. Keep it in a file or a table, and where that is in the variable.");
}
