using System.Globalization;

namespace Fletcher.Scheduling;

/// <summary>A whole schedule in English: its expression, its zone, and what narrows it.</summary>
internal static class ScheduleDescription
{
    internal static string Of(Schedule schedule, string recurrence)
    {
        var sentence = $"{recurrence}, {schedule.Zone}";
        if (schedule.Start is { } start)
            sentence += $", not before {Time(start)}";
        if (schedule.End is { } end)
            sentence += $", only before {Time(end)}";
        if (schedule.Excluded is not null)
            sentence += ", except on excluded days";
        if (schedule.Jitter > TimeSpan.Zero)
            sentence += $", up to {Phrase.Length(schedule.Jitter)} later";
        return sentence;
    }

    internal static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:sszzz", CultureInfo.InvariantCulture);
}
