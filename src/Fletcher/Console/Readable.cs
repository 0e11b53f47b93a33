using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Terminal;

/// <summary>Numbers, durations and errors in the few characters that a line has room for.</summary>
internal static class Readable
{
    internal static string Duration(TimeSpan duration) => duration switch
    {
        { Ticks: < TimeSpan.TicksPerMillisecond } => "<1 ms",
        { TotalSeconds: < 1 } => Format($"{duration.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 60 } => Format($"{Math.Floor(duration.TotalSeconds * 10) / 10:0.0} s"),
        { TotalHours: < 1 } => Format($"{duration.Minutes}m {duration.Seconds:00}s"),
        { TotalDays: < 1 } => Format($"{duration.Hours}h {duration.Minutes:00}m"),
        _ => Format($"{duration.Days}d {duration.Hours:00}h"),
    };

    internal static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    internal static string Plural(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";

    internal static string Time(DateTimeOffset at, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(at, zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    internal static string DateAndTime(DateTimeOffset at, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(at, zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>The type's own name and the message's first line: <c>HttpRequestException: 503 (Service Unavailable)</c>.</summary>
    internal static string Error(ErrorRecord error) => $"{TypeName(error.Type)}: {FirstLine(error.Message, 140)}";

    internal static string TypeName(string type)
    {
        var generic = type.IndexOf('`', StringComparison.Ordinal);
        var name = generic < 0 ? type : type[..generic];
        return name[(name.LastIndexOfAny(['.', '+']) + 1)..];
    }

    internal static string FirstLine(string text, int maxLength)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        var cut = end >= 0;
        if (cut)
            line = line[..end].TrimEnd();
        if (line.Length > maxLength)
            return string.Concat(line[..maxLength], "…");
        return cut ? string.Concat(line, " …") : line.ToString();
    }

    /// <summary>A path relative to this folder when it is below it; others stay recognisable as they are.</summary>
    internal static string ShortPath(string path, string folder)
    {
        if (!Path.IsPathFullyQualified(path))
            return path;
        var relative = Path.GetRelativePath(folder, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    internal static string StepName(StepRunRecord step) =>
        step.Name is { Length: > 0 } name ? $"{step.Step.Name} ({FirstLine(name, 60)})" : step.Step.Name;

    internal static string RunName(FlowRunRecord run) =>
        run.Name is { Length: > 0 } name ? $"{run.Flow} ({FirstLine(name, 60)})" : run.Flow;

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
