using System.Text.Json;

namespace Fletcher.Storage;

/// <summary>A failure that counts towards the opening of a breaker.</summary>
/// <param name="At">When, in microseconds since 1970 (UTC) by the store's clock.</param>
/// <param name="Starter">The step that failed.</param>
/// <param name="Kind">With what kind of error.</param>
public sealed record LimitFailure(long At, string Starter, string Kind)
{
    /// <summary>Failures as a text that <see cref="Read"/> reads; null for none.</summary>
    public static string? Write(IReadOnlyList<LimitFailure> failures)
    {
        ArgumentNullException.ThrowIfNull(failures);
        if (failures.Count == 0)
            return null;

        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            foreach (var failure in failures)
            {
                json.WriteNumberValue(failure.At);
                json.WriteStringValue(failure.Starter);
                json.WriteStringValue(failure.Kind);
            }

            json.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>What was written with <see cref="Write"/>.</summary>
    public static IReadOnlyList<LimitFailure> Read(string? text)
    {
        if (text is null)
            return [];
        using var json = JsonDocument.Parse(text);
        return
        [
            .. json.RootElement.EnumerateArray().Chunk(3)
                .Select(failure => new LimitFailure(failure[0].GetInt64(), failure[1].GetString()!, failure[2].GetString()!)),
        ];
    }
}
