using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Cli;

/// <summary>Limits for people.</summary>
internal static class LimitView
{
    internal static string Lane(string limit, string key) => key.Length == 0 ? limit : $"{limit}[{key}]";

    internal static string Place(LimitPlace place) =>
        place.Step is null ? $"{place.Flow} (run {place.RunId})" : string.Create(CultureInfo.InvariantCulture, $"{place.Step} (run {place.RunId} #{place.Sequence})");

    /// <summary><c>2 slots, 100 per 1m (burst 10), opens after 5 failures in 1m for 30s</c>.</summary>
    internal static string Settings(LimitSettings settings)
    {
        List<string> parts = [];
        if (settings.Slots is { } slots)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{slots} {(slots == 1 ? "slot" : "slots")}"));
        if (settings.Rate is { } rate)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{rate.Count} per {Span(rate.Period)} (burst {rate.Burst})"));
        if (settings.Breaker is { } breaker)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"opens after {breaker.Failures} failures in {Span(breaker.Window)} for {Span(breaker.OpenFor)}"));
        return string.Join(", ", parts);
    }

    /// <summary>A duration as <see cref="Durations"/> reads it, in the largest unit that divides it.</summary>
    internal static string Span(TimeSpan span)
    {
        foreach (var (unit, name) in ((TimeSpan, string)[])[(TimeSpan.FromDays(1), "d"), (TimeSpan.FromHours(1), "h"), (TimeSpan.FromMinutes(1), "m"), (TimeSpan.FromSeconds(1), "s")])
        {
            if (span.Ticks % unit.Ticks == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{span.Ticks / unit.Ticks}{name}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0.###}ms");
    }
}
