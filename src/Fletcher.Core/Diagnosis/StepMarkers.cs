using System.Buffers;
using System.Text.Json;

namespace Fletcher.Diagnosis;

/// <summary>
/// The two objects that stand for something else in stored inputs: <c>{"$step": sequence}</c> for the result of a step, and
/// <c>{"$length": bytes, "$hash": hash, "$start": text}</c> for a value too long to be kept twice.
/// </summary>
internal static class StepMarkers
{
    /// <summary>What every document with a marker contains.</summary>
    internal static readonly SearchValues<byte> Values = SearchValues.Create("$"u8);

    internal readonly record struct LongValue(long Length, string Hash, string Start);

    internal static bool TryReadStep(JsonElement value, out int sequence)
    {
        sequence = 0;
        return value.ValueKind == JsonValueKind.Object
            && value.GetPropertyCount() == 1
            && value.TryGetProperty("$step"u8, out var step)
            && step.ValueKind == JsonValueKind.Number
            && step.TryGetInt32(out sequence);
    }

    internal static bool TryReadLong(JsonElement value, out LongValue @long)
    {
        @long = default;
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("$length"u8, out var length) || length.ValueKind != JsonValueKind.Number
            || !length.TryGetInt64(out var bytes)
            || !value.TryGetProperty("$hash"u8, out var hash) || hash.ValueKind != JsonValueKind.String)
            return false;

        var start = value.TryGetProperty("$start"u8, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString() ?? ""
            : "";
        @long = new LongValue(bytes, hash.GetString() ?? "", start);
        return true;
    }

    /// <summary>The sequences that this document's <c>$step</c> markers name, at any depth.</summary>
    internal static IReadOnlySet<int> ReadSteps(byte[]? document)
    {
        var found = new HashSet<int>();
        if (document is null || !document.AsSpan().ContainsAny(Values))
            return found;

        try
        {
            using var json = JsonDocument.Parse(document);
            Collect(json.RootElement, found);
        }
        catch (JsonException)
        {
            // Whatever this is, it names no steps.
        }
        return found;
    }

    private static void Collect(JsonElement value, HashSet<int> found)
    {
        // Far more results than any call takes; keeps what is looked up bounded.
        if (found.Count >= 256)
            return;
        if (TryReadStep(value, out var sequence))
            found.Add(sequence);
        else if (value.ValueKind == JsonValueKind.Object)
            foreach (var member in value.EnumerateObject())
                Collect(member.Value, found);
        else if (value.ValueKind == JsonValueKind.Array)
            foreach (var item in value.EnumerateArray())
                Collect(item, found);
    }
}
