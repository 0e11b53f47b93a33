using System.Collections.Frozen;

namespace Fletcher.Scheduling;

/// <summary>Days on which schedules do not fire, such as holidays. Immutable.</summary>
public sealed class ExcludedDays
{
    private readonly Func<DateOnly, bool>[] _sources;

    private ExcludedDays(Func<DateOnly, bool>[] sources, IReadOnlyList<DateOnly> days, IReadOnlyList<string> calendars) =>
        (_sources, Days, Calendars) = (sources, days, calendars);

    /// <summary>The days that were given as such, in their order.</summary>
    internal IReadOnlyList<DateOnly> Days { get; }

    /// <summary>The iCalendar texts whose days are excluded.</summary>
    internal IReadOnlyList<string> Calendars { get; }

    /// <summary>These days.</summary>
    /// <param name="days">The days; the order does not count.</param>
    public static ExcludedDays Of(params IEnumerable<DateOnly> days)
    {
        ArgumentNullException.ThrowIfNull(days);
        var set = days.ToFrozenSet();
        return new([set.Contains], [.. set.Order()], []);
    }

    /// <summary>
    /// The days that the events of an iCalendar text (.ics) touch, with their repetitions: whole-day events their days, others the days from their
    /// beginning to their end in the event's own zone. Events with status <c>CANCELLED</c> do not count.
    /// </summary>
    /// <param name="ics">The text, not a path.</param>
    /// <exception cref="ScheduleFormatException">It is no iCalendar text with events, or an event repeats within a day or lasts longer than 366 days (FLT1703).</exception>
    public static ExcludedDays FromIcs(string ics)
    {
        ArgumentNullException.ThrowIfNull(ics);
        return new([new CalendarDays(ics).Contains], [], [ics]);
    }

    /// <summary>The days of both.</summary>
    /// <param name="other">The others.</param>
    public ExcludedDays And(ExcludedDays other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new([.. _sources, .. other._sources], [.. Days.Union(other.Days).Order()], [.. Calendars, .. other.Calendars]);
    }

    /// <summary>Whether this day is one of them.</summary>
    /// <param name="day">A local date.</param>
    public bool Contains(DateOnly day) => Array.Exists(_sources, source => source(day));
}
