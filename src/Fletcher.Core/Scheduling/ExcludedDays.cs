using System.Collections.Frozen;

namespace Fletcher.Scheduling;

/// <summary>Days on which schedules do not fire, such as holidays. Immutable.</summary>
public sealed class ExcludedDays
{
    private readonly Func<DateOnly, bool>[] _sources;

    private ExcludedDays(params Func<DateOnly, bool>[] sources) => _sources = sources;

    /// <summary>These days.</summary>
    /// <param name="days">The days; the order does not count.</param>
    public static ExcludedDays Of(params IEnumerable<DateOnly> days)
    {
        ArgumentNullException.ThrowIfNull(days);
        return new(days.ToFrozenSet().Contains);
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
        return new(new CalendarDays(ics).Contains);
    }

    /// <summary>The days of both.</summary>
    /// <param name="other">The others.</param>
    public ExcludedDays And(ExcludedDays other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new([.. _sources, .. other._sources]);
    }

    /// <summary>Whether this day is one of them.</summary>
    /// <param name="day">A local date.</param>
    public bool Contains(DateOnly day) => Array.Exists(_sources, source => source(day));
}
