using System.Globalization;

namespace Fletcher.Cli;

/// <summary>Times as a person wants to read them.</summary>
internal static class Ago
{
    /// <summary><c>12s ago</c>, <c>in 5m</c>.</summary>
    internal static string Of(DateTimeOffset at, DateTimeOffset now)
    {
        var span = now - at;
        return span >= TimeSpan.Zero ? $"{Short(span)} ago" : $"in {Short(-span)}";
    }

    /// <summary>In one unit.</summary>
    internal static string Short(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => Number(span.TotalSeconds, "s"),
        { TotalMinutes: < 60 } => Number(span.TotalMinutes, "m"),
        { TotalHours: < 48 } => Number(span.TotalHours, "h"),
        _ => Number(span.TotalDays, "d"),
    };

    private static string Number(double value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(value):0}{unit}");
}
