using System.Diagnostics.CodeAnalysis;

namespace Fletcher.Engine;

/// <summary>Reads the durations and sizes in attributes. The analyzers refuse wrong ones; this is for those that came by another way.</summary>
internal static class PolicyText
{
    [return: NotNullIfNotNull(nameof(text))]
    internal static TimeSpan? Duration(string method, string property, string? text) =>
        text is null ? null
        : Engine.Duration.TryParse(text, out var duration, out var error) ? duration
        : throw Error(method, property, text, error);

    internal static long? Memory(string method, string property, string? text) =>
        text is null ? null
        : MemorySize.TryParse(text, out var bytes, out var error) ? bytes
        : throw Error(method, property, text, error);

    internal static Backoff Backoff(string method, string? text) =>
        text is null ? Engine.Backoff.None
        : Engine.Backoff.TryParse(text, out var backoff, out var error) ? backoff
        : throw Error(method, nameof(Backoff), text, error);

    internal static FletcherUsageException Error(string method, string property, string text, string error) =>
        new("FLT1202", $"{property} of '{method}' is '{text}': {error}.");
}
