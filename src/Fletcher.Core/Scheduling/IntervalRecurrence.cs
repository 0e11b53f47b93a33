using NodaTime;

namespace Fletcher.Scheduling;

/// <summary>
/// Every so often, counted from an anchor in both directions: the anchor is a phase, not a start. Whole days follow the calendar (the same time
/// on the wall), everything else elapsed time.
/// </summary>
internal sealed class IntervalRecurrence(string text, TimeSpan interval, LocalDateTime anchor, DateTimeZone zone) : Recurrence
{
    /// <summary>A Monday, so that weeks begin on Mondays; the same for all schedules, so that times do not depend on when they are asked for.</summary>
    internal static readonly LocalDateTime DefaultAnchor = new(2001, 1, 1, 0, 0);

    internal override string Text => text;

    internal TimeSpan Interval => interval;

    internal LocalDateTime Anchor => anchor;

    internal bool IsWholeDays => interval.Ticks % TimeSpan.TicksPerDay == 0;

    internal override IEnumerable<Instant> From(Instant from) => IsWholeDays ? WallClock.Fixed(Days, zone, from) : Elapsed(from);

    internal override string Describe() => IntervalDescription.Of(this);

    private IEnumerable<LocalDateTime> Days(LocalDateTime from)
    {
        var days = (int)interval.TotalDays;
        var behind = Period.DaysBetween(anchor.Date, from.Date);
        // One period earlier than needed does no harm; the reader passes over what is before the start.
        var steps = FloorDivide(behind, days);
        for (var day = (long)steps * days; ; day += days)
        {
            if (day > Period.DaysBetween(anchor.Date, new LocalDate(9999, 12, 31)))
                yield break;
            if (day < Period.DaysBetween(anchor.Date, new LocalDate(1, 1, 1)))
                continue;
            yield return anchor.PlusDays((int)day);
        }
    }

    private IEnumerable<Instant> Elapsed(Instant from)
    {
        var first = WallClock.InstantOf(anchor, zone)!.Value.ToUnixTimeTicks();
        var steps = -FloorDivide(-(from.ToUnixTimeTicks() - first), interval.Ticks);
        for (var ticks = first + steps * interval.Ticks; ticks <= WallClock.Max.ToUnixTimeTicks(); ticks += interval.Ticks)
            yield return Instant.FromUnixTimeTicks(ticks);
    }

    private static long FloorDivide(long value, long by) => value >= 0 || value % by == 0 ? value / by : value / by - 1;
}
