using System.Text.Json;

namespace Fletcher.Engine;

/// <summary>Says in words what differs between two sets of inputs.</summary>
internal static class InputChange
{
    private const int MaxLength = 60;

    internal static string Describe(byte[]? before, byte[]? after)
    {
        using var old = Parse(before);
        using var now = Parse(after);
        var names = old.RootElement.EnumerateObject().Select(p => p.Name)
            .Union(now.RootElement.EnumerateObject().Select(p => p.Name));
        var changes = names
            .Select(name => (name, From: Text(old, name), To: Text(now, name)))
            .Where(change => change.From != change.To)
            .Select(change => $"{change.name} from {Short(change.From)} to {Short(change.To)}")
            .ToList();
        return changes.Count == 0 ? "the same text, other content" : string.Join(", ", changes);
    }

    private static JsonDocument Parse(byte[]? inputs) => JsonDocument.Parse(inputs ?? "{}"u8.ToArray());

    private static string Text(JsonDocument inputs, string name) =>
        inputs.RootElement.TryGetProperty(name, out var value) ? value.GetRawText() : "nothing";

    private static string Short(string text) => text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, MaxLength), "…");
}
