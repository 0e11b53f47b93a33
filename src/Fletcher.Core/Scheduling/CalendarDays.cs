using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;

namespace Fletcher.Scheduling;

/// <summary>The days of a calendar's events. Each year's are found when first asked for.</summary>
internal sealed partial class CalendarDays
{
    internal const string RefusedCalendar = "FLT1703";
    private const int LongestEvent = 366;

    // More days than 400 years have: the calendar repeats itself then.
    private const int Patience = 150_000;

    private readonly ConcurrentDictionary<int, FrozenSet<DateOnly>> _years = [];
    private readonly CalendarEvent[] _events;

    internal CalendarDays(string ics)
    {
        if (!ics.TrimStart('\uFEFF', ' ', '\r', '\n').StartsWith("BEGIN:VCALENDAR", StringComparison.OrdinalIgnoreCase))
            throw Refusal(ics, 0, "it does not begin with BEGIN:VCALENDAR. Give the content of an .ics file.");

        // Within a day it adds no day, and Ical.Net 5.2.4 does not come back from an hour that occurs twice.
        if (SubDaily().Match(ics) is { Success: true } repeats)
            throw Refusal(ics, repeats.Index, "an event repeats within a day. Allowed are FREQ=DAILY, WEEKLY, MONTHLY and YEARLY.");
        _events = [.. Load(ics).Events.Where(happening => !string.Equals(happening.Status, "CANCELLED", StringComparison.OrdinalIgnoreCase))];
        if (_events.Length == 0)
            throw Refusal(ics, 0, "it has no event (VEVENT), so it would exclude nothing.");
        foreach (var happening in _events)
            Check(ics, happening);
    }

    internal bool Contains(DateOnly day) => _years.GetOrAdd(day.Year, DaysOf).Contains(day);

    private static Calendar Load(string ics)
    {
        try
        {
            return Calendar.Load(ics) ?? throw Refusal(ics, 0, "there is no calendar in it.");
        }
        catch (Exception exception) when (exception is not ScheduleFormatException)
        {
            throw Refusal(ics, 0, $"it cannot be read as iCalendar: {exception.Message}");
        }
    }

    private static void Check(string ics, CalendarEvent happening)
    {
        var name = happening.Summary ?? happening.Uid ?? "without a name";
        var position = happening.Uid is { Length: > 0 } uid ? Math.Max(0, ics.IndexOf(uid, StringComparison.Ordinal)) : 0;
        if (happening.Start is null)
            throw Refusal(ics, position, $"the event '{name}' has no DTSTART.");
        // One that never happens excludes nothing, as it says.
        if (Occurrences.From(happening, happening.Start, Patience).FirstOrDefault() is { } first && Days(first.Period).Skip(LongestEvent).Any())
            throw Refusal(ics, position, $"the event '{name}' lasts longer than {LongestEvent} days.");
    }

    private FrozenSet<DateOnly> DaysOf(int year)
    {
        var days = new HashSet<DateOnly>();
        var first = new DateOnly(Math.Max(2, year), 1, 1);
        foreach (var happening in _events)
        {
            // An event of the year before may last into this one.
            var from = first.Year <= 3 ? first : first.AddDays(-LongestEvent - 1);
            var occurrences = Occurrences.From(happening, new CalDateTime(from.Year, from.Month, from.Day, 0, 0, 0), Patience);
            foreach (var occurrence in occurrences.TakeWhile(occurrence => occurrence.Period.StartTime.Year <= year))
                days.UnionWith(Days(occurrence.Period));
        }

        return days.Where(day => day.Year == year).ToFrozenSet();
    }

    private static IEnumerable<DateOnly> Days(Period period)
    {
        var (start, end) = (period.StartTime, period.EffectiveEndTime);
        var first = DateOnly.FromDateTime(start.Value);
        yield return first;
        if (end is null)
            yield break;
        // The end is not part of it: midnight, and the date behind a whole day, belong to the day after.
        var last = DateOnly.FromDateTime(end.Value > start.Value ? end.Value.AddTicks(-1) : start.Value);
        for (var day = first; day < last;)
        {
            day = day.AddDays(1);
            yield return day;
        }
    }

    private static ScheduleFormatException Refusal(string ics, int position, string reason) =>
        new(RefusedCalendar, ics, position, "calendar", reason);

    // A long line may go on in the next one, behind a space.
    [GeneratedRegex(@"(?<=^(RRULE|EXRULE)[^:\r\n]*:([^\r\n]|\r?\n[ \t])*)FREQ=(HOURLY|MINUTELY|SECONDLY)", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex SubDaily();
}
