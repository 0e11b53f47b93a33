using System.Globalization;

namespace Fletcher.Scheduling;

/// <summary>An interval in English.</summary>
internal static class IntervalDescription
{
    internal static string Of(IntervalRecurrence interval)
    {
        var every = "every " + Length(interval);
        var date = interval.Anchor.Date.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);
        var time = Phrase.Time(interval.Anchor.Hour, interval.Anchor.Minute, interval.Anchor.Second);
        if (interval.IsWholeDays)
            return interval.Interval.Days == 1 ? $"at {time} every day" : $"at {time} {every}, counted from {date}";
        return interval.Anchor == IntervalRecurrence.DefaultAnchor ? every : $"{every}, counted from {date} {time}";
    }

    private static string Length(IntervalRecurrence interval)
    {
        var length = Phrase.Length(interval.Interval);
        return length.StartsWith("1 ", StringComparison.Ordinal) && !length.Contains(" and ", StringComparison.Ordinal) ? length[2..] : length;
    }
}
