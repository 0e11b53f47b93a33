using System.IO.Hashing;
using System.Text;
using NodaTime;

namespace Fletcher.Scheduling;

public sealed partial class Schedule
{
    // When nothing but excluded days was found for as long, there will be nothing else: calendars repeat by the year.
    private static readonly Duration ExclusionHorizon = Duration.FromDays(100 * 366);

    /// <summary>The first firing after this instant; null when there is none before the year 10000.</summary>
    /// <param name="after">An instant; a firing at exactly this one is not meant.</param>
    public Firing? Next(DateTimeOffset after)
    {
        foreach (var firing in After(after))
            return firing;
        return null;
    }

    /// <summary>The firings after this instant, ascending. Lazy; it can be endless in practice, so take as many as are needed.</summary>
    /// <param name="after">An instant; a firing at exactly this one is not meant.</param>
    public IEnumerable<Firing> After(DateTimeOffset after) =>
        after.UtcTicks >= DateTimeOffset.MaxValue.UtcTicks ? [] : Firings(Instant.FromDateTimeOffset(after) + Duration.FromTicks(1));

    /// <summary>The firings from one instant up to another, ascending. Lazy.</summary>
    /// <param name="from">A firing at exactly this instant is among them.</param>
    /// <param name="to">A firing at exactly this instant is not.</param>
    public IEnumerable<Firing> Between(DateTimeOffset from, DateTimeOffset to) =>
        Firings(Instant.FromDateTimeOffset(from)).TakeWhile(firing => firing.Time < to);

    /// <summary>The firings from one instant up to another, the latest first. Lazy: it looks at the range piece by piece, beginning with its end.</summary>
    /// <param name="from">A firing at exactly this instant is among them.</param>
    /// <param name="to">A firing at exactly this instant is not.</param>
    public IEnumerable<Firing> BetweenNewestFirst(DateTimeOffset from, DateTimeOffset to)
    {
        const int Most = 4_096;
        // Nothing can be before: it saves looking through empty millennia.
        if (Start > from)
            from = Start.Value;
        var piece = TimeSpan.FromHours(1);
        for (var end = to; end > from;)
        {
            var begin = end - from > piece ? end - piece : from;
            var firings = Between(begin, end).Take(Most + 1).ToList();
            if (firings.Count > Most && piece > TimeSpan.FromMinutes(1))
            {
                piece /= 8;
                continue;
            }

            for (var i = firings.Count - 1; i >= 0; i--)
                yield return firings[i];
            end = begin;
            // So many firings fit a piece that doubling it is not asking for too many.
            if (firings.Count < Most / 4 && piece < TimeSpan.FromDays(365_000))
                piece *= 4;
        }
    }

    /// <summary>
    /// When this firing of the schedule with this id is due: its time, and a delay of less than <see cref="Jitter"/> that is the same on every host.
    /// It is always before the next firing's time, so that firings stay in order.
    /// </summary>
    /// <param name="scheduleId">What tells schedules apart; those with different ids are spread.</param>
    /// <param name="firing">A firing of this schedule.</param>
    public DateTimeOffset DueAt(string scheduleId, Firing firing)
    {
        ArgumentNullException.ThrowIfNull(scheduleId);
        if (Jitter == TimeSpan.Zero)
            return firing.Time;

        var room = Next(firing.Time) is { } next && next.Time - firing.Time < Jitter ? next.Time - firing.Time : Jitter;
        var hash = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(scheduleId), firing.Time.UtcTicks);
        // The high half of the product is the hash's share of the room.
        var delay = Math.BigMul(hash, (ulong)room.Ticks, out _);
        var latest = DateTimeOffset.MaxValue.UtcTicks - Math.Max(firing.Time.Ticks, firing.Time.UtcTicks);
        return firing.Time.AddTicks(Math.Min((long)delay, latest));
    }

    /// <summary>The first firing between two instants that there would be if its day were not excluded.</summary>
    internal Firing? NextExcluded(DateTimeOffset after, DateTimeOffset before) =>
        Excluded is not null && new Schedule(this) { Excluded = null }.Next(after) is { } firing && firing.Time < before ? firing : null;

    /// <summary>The same instant, as clocks in the zone show it.</summary>
    internal DateTimeOffset AtZone(DateTimeOffset time) => ToFiring(Instant.FromDateTimeOffset(time))?.Time ?? time;

    /// <summary>The instant at which clocks in the zone show this: right after the gap if they never do, the first time if they do twice.</summary>
    internal DateTimeOffset InstantOf(DateTime local)
    {
        var instant = WallClock.InstantOf(LocalDateTime.FromDateTime(local), _zone) ?? WallClock.Max;
        return (instant < WallClock.Min ? WallClock.Min : instant).ToDateTimeOffset();
    }

    private IEnumerable<Firing> Firings(Instant from)
    {
        if (Start is { } start && Instant.FromDateTimeOffset(start) > from)
            from = Instant.FromDateTimeOffset(start);
        if (from < WallClock.Min)
            from = WallClock.Min;
        return Excluded is null ? Upto(from) : Allowed(from);
    }

    private IEnumerable<Firing> Upto(Instant from)
    {
        if (from > WallClock.Max)
            yield break;
        foreach (var instant in _recurrence.From(from))
        {
            if (ToFiring(instant) is not { } firing || firing.Time >= End)
                yield break;
            yield return firing;
        }
    }

    // At an excluded day the search begins anew with the next one: a schedule may fire often within a day.
    private IEnumerable<Firing> Allowed(Instant from)
    {
        var (at, seen) = (from, from);
        while (true)
        {
            Instant? resume = null;
            foreach (var firing in Upto(at))
            {
                var instant = Instant.FromDateTimeOffset(firing.Time);
                var date = WallClock.LocalOf(instant, _zone).Date;
                if (!Excluded!.Contains(date.ToDateOnly()))
                {
                    seen = instant;
                    yield return firing;
                    continue;
                }

                if (instant - seen > ExclusionHorizon || date >= new LocalDate(9999, 12, 30))
                    yield break;
                resume = AfterDay(instant, date);
                break;
            }

            if (resume is not { } later)
                yield break;
            at = later;
        }
    }

    // Where clocks go back over midnight, the next day may have begun before already, and the day before may go on: no change is passed over.
    private Instant AfterDay(Instant instant, LocalDate date)
    {
        var next = _zone.AtStartOfDay(date.PlusDays(1)).ToInstant();
        if (_zone.GetZoneInterval(instant) is { HasEnd: true, End: var change } && change < next)
            next = change;
        return next > instant ? next : instant + Duration.FromTicks(1);
    }

    private Firing? ToFiring(Instant instant)
    {
        var seconds = _zone.GetUtcOffset(instant).Seconds;
        var offset = TimeSpan.FromMinutes(Math.Round(seconds / 60.0, MidpointRounding.AwayFromZero));
        var utc = instant.ToDateTimeOffset();
        return offset > TimeSpan.Zero && utc > DateTimeOffset.MaxValue - offset ? null : new Firing(utc.ToOffset(offset));
    }
}
