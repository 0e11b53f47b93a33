using System.Globalization;
using System.Text.Json;

namespace Fletcher.Diagnosis;

/// <summary>
/// Compares two JSON documents as they are kept for inputs and parameters, and says in what they differ: objects by the path
/// of each member, arrays by their count and the first place where they differ.
/// </summary>
internal sealed class InputDiff
{
    internal const int MaxDifferences = 25;
    private const int MaxValue = 80;

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 128 };

    private readonly List<InputDifference> _found = [];
    private readonly Func<int, StepReference?> _before;
    private readonly Func<int, StepReference?> _after;

    private InputDiff(Func<int, StepReference?>? before, Func<int, StepReference?>? after)
    {
        _before = before ?? (static _ => null);
        _after = after ?? (static _ => null);
    }

    /// <summary>The differences, in the order of the newer document; none when both say the same.</summary>
    /// <param name="before">The older document in UTF-8; null for none.</param>
    /// <param name="after">The newer document in UTF-8; null for none.</param>
    /// <param name="stepBefore">Tells what a <c>$step</c> marker of the older document stands for.</param>
    /// <param name="stepAfter">Tells what a <c>$step</c> marker of the newer document stands for.</param>
    internal static IReadOnlyList<InputDifference> Compare(
        byte[]? before, byte[]? after,
        Func<int, StepReference?>? stepBefore = null, Func<int, StepReference?>? stepAfter = null)
    {
        // Equal bytes with markers may still stand for other results: the numbers of step runs are those of their own run.
        if (before.AsSpan().SequenceEqual(after) && (before is null || !before.AsSpan().ContainsAny(StepMarkers.Values)))
            return [];

        var diff = new InputDiff(stepBefore, stepAfter);
        try
        {
            using var older = JsonDocument.Parse(before is { Length: > 0 } ? before : "{}"u8.ToArray(), Reading);
            using var newer = JsonDocument.Parse(after is { Length: > 0 } ? after : "{}"u8.ToArray(), Reading);
            diff.CompareValues("", older.RootElement, newer.RootElement);
        }
        catch (JsonException)
        {
            return [new InputDifference("inputs", Bytes(before), Bytes(after))];
        }
        return diff._found;
    }

    /// <summary>A value as a person wants to see it in one line.</summary>
    internal static string Show(JsonElement value, Func<int, StepReference?>? step = null)
    {
        if (StepMarkers.TryReadStep(value, out var sequence))
            return step?.Invoke(sequence) is { } reference
                ? $"result of {reference.Step} ({Size(reference.Length)})"
                : string.Create(CultureInfo.InvariantCulture, $"result of step run {sequence}");
        if (StepMarkers.TryReadLong(value, out var @long))
            return $"{Size(@long.Length)} starting with {Cut(@long.Start)}";
        return Cut(value.GetRawText());
    }

    private void CompareValues(string path, JsonElement before, JsonElement after)
    {
        if (_found.Count >= MaxDifferences || CompareMarkers(path, before, after))
            return;

        if (before.ValueKind != after.ValueKind)
            Add(path, before, after);
        else if (before.ValueKind == JsonValueKind.Object)
            CompareObjects(path, before, after);
        else if (before.ValueKind == JsonValueKind.Array)
            CompareArrays(path, before, after);
        else if (!JsonElement.DeepEquals(before, after))
            Add(path, before, after);
    }

    private void CompareObjects(string path, JsonElement before, JsonElement after)
    {
        foreach (var member in after.EnumerateObject())
        {
            var name = path.Length == 0 ? member.Name : path + "." + member.Name;
            if (before.TryGetProperty(member.Name, out var old))
                CompareValues(name, old, member.Value);
            else
                Add(name, null, member.Value);
        }
        foreach (var member in before.EnumerateObject())
            if (!after.TryGetProperty(member.Name, out _))
                Add(path.Length == 0 ? member.Name : path + "." + member.Name, member.Value, null);
    }

    private void CompareArrays(string path, JsonElement before, JsonElement after)
    {
        int oldCount = before.GetArrayLength(), newCount = after.GetArrayLength();
        if (oldCount != newCount && _found.Count < MaxDifferences)
            _found.Add(new InputDifference(path, Items(oldCount), Items(newCount)));

        // One difference shows what kind of change it is; a list of all would hide the others.
        using var old = before.EnumerateArray();
        using var @new = after.EnumerateArray();
        for (var i = 0; old.MoveNext() && @new.MoveNext(); i++)
        {
            var known = _found.Count;
            CompareValues(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), old.Current, @new.Current);
            if (_found.Count > known)
                return;
        }
    }

    private bool CompareMarkers(string path, JsonElement before, JsonElement after)
    {
        var isStepBefore = StepMarkers.TryReadStep(before, out var stepBefore);
        var isStepAfter = StepMarkers.TryReadStep(after, out var stepAfter);
        if (isStepBefore && isStepAfter)
        {
            var same = (_before(stepBefore), _after(stepAfter)) switch
            {
                ({ } a, { } b) => a.Content == b.Content,
                _ => stepBefore == stepAfter,
            };
            if (!same)
                Add(path, before, after);
            return true;
        }

        if (StepMarkers.TryReadLong(before, out var longBefore) && StepMarkers.TryReadLong(after, out var longAfter))
        {
            if (longBefore.Hash != longAfter.Hash || longBefore.Length != longAfter.Length)
                Add(path, before, after);
            return true;
        }
        return false;
    }

    private void Add(string path, JsonElement? before, JsonElement? after)
    {
        if (_found.Count >= MaxDifferences)
            return;
        var older = before is { } b ? Show(b, _before) : null;
        var newer = after is { } a ? Show(a, _after) : null;
        if (older is not null && older == newer)
            newer += ", other content";
        _found.Add(new InputDifference(path.Length == 0 ? "value" : path, older, newer));
    }

    private static string Cut(string text) => text.Length <= MaxValue ? text : text[..MaxValue] + "…";

    private static string Items(int count) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? "item" : "items")}");

    private static string? Bytes(byte[]? content) => content is null ? null : Size(content.Length) + " that are no JSON";

    private static string Size(long bytes) => bytes switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0.#} MB"),
    };
}
