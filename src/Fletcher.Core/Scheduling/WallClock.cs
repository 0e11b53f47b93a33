using NodaTime;

namespace Fletcher.Scheduling;

/// <summary>
/// How local times become instants. There are two readings, and every schedule has one of them:
/// <list type="bullet">
/// <item>a time on the wall: a local time that does not exist fires once, right after the gap; one that occurs twice, the first time;</item>
/// <item>elapsed time: it fires whenever a clock in the zone shows a matching time, so not at all in a gap and twice in an overlap.</item>
/// </list>
/// The first reading never goes back: later local times give later or equal instants. So skipping what is before the start, and giving equal
/// neighbours once, makes the times of any start a tail of those of an earlier one.
/// </summary>
internal static class WallClock
{
    // Further than any zone ever moved its clock: Manila and Alaska changed sides of the date line.
    private static readonly Duration LongestOverlap = Duration.FromDays(2);

    /// <summary>The first instant that DateTimeOffset and every offset can hold.</summary>
    internal static readonly Instant Min = Instant.FromUtc(1, 1, 2, 0, 0);

    /// <summary>The last.</summary>
    internal static readonly Instant Max = Instant.FromUtc(9999, 12, 31, 23, 59, 59);

    private static readonly LocalDateTime Last = new(9999, 12, 31, 23, 59, 59);

    /// <summary>The instant of a time on the wall; null when it is after the year 9999 in UTC.</summary>
    internal static Instant? InstantOf(LocalDateTime local, DateTimeZone zone)
    {
        // Near the end of time even the mapping overflows.
        if (local.Year == 9999 && local.Month == 12 && local.Day >= 30)
        {
            var offset = zone.GetUtcOffset(Max);
            var rest = Between(local, Last);
            return offset.Seconds < 0 && rest < Duration.FromSeconds(-offset.Seconds) ? null : local.WithOffset(offset).ToInstant();
        }

        var mapping = zone.MapLocal(local);
        return mapping.Count == 0 ? mapping.EarlyInterval.End : mapping.First().ToInstant();
    }

    internal static LocalDateTime LocalOf(Instant instant, DateTimeZone zone)
    {
        var offset = zone.GetUtcOffset(instant);
        // A day is more than any offset: past it, the local time would be in the year 10000.
        return instant > Max - Duration.FromDays(1) && offset.Seconds > (Max - instant).TotalSeconds
            ? Last
            : instant.WithOffset(offset).LocalDateTime;
    }

    /// <summary>Times on the wall.</summary>
    /// <param name="locals">The local times at or after the given one, ascending.</param>
    /// <param name="zone">Where they are read.</param>
    /// <param name="from">The first instant that counts.</param>
    internal static IEnumerable<Instant> Fixed(Func<LocalDateTime, IEnumerable<LocalDateTime>> locals, DateTimeZone zone, Instant from)
    {
        Instant? last = null;
        foreach (var local in locals(LocalOf(from, zone)))
        {
            if (InstantOf(local, zone) is not { } instant)
                yield break;
            if (instant < from || instant == last)
                continue;
            last = instant;
            yield return instant;
        }
    }

    /// <summary>Elapsed time.</summary>
    /// <param name="next">The first matching local time at or after the given one, in whole seconds; null when there is none.</param>
    /// <param name="zone">Where they are read.</param>
    /// <param name="from">The first instant that counts.</param>
    internal static IEnumerable<Instant> Elapsed(Func<LocalDateTime, LocalDateTime?> next, DateTimeZone zone, Instant from)
    {
        var at = CeilingToSecond(from);
        while (at <= Max)
        {
            var interval = zone.GetZoneInterval(at);
            var local = LocalOf(at, zone);
            if (next(local) is not { } match)
                yield break;
            if (Between(local, match) is var wait && interval.HasEnd && wait >= interval.End - at)
            {
                // Not before the clock is changed. Right after the change it may show an earlier time, so the search goes on there; once the
                // change is far off, only what comes after the match can be new, and everything up to shortly before it is passed over.
                var pass = interval.End - at > LongestOverlap ? wait - LongestOverlap : Duration.Zero;
                if (pass > Max - at)
                    yield break;
                at = Instant.Max(at + pass, interval.End);
                continue;
            }

            if (wait > Max - at)
                yield break;
            at += wait;
            yield return at;
            if (at == Max)
                yield break;
            at += Duration.FromSeconds(1);
        }
    }

    internal static Instant CeilingToSecond(Instant instant)
    {
        var over = instant.ToUnixTimeTicks() % TimeSpan.TicksPerSecond;
        return over == 0 ? instant : instant + Duration.FromTicks(over < 0 ? -over : TimeSpan.TicksPerSecond - over);
    }

    private static Duration Between(LocalDateTime begin, LocalDateTime end) => end.InUtc().ToInstant() - begin.InUtc().ToInstant();
}
