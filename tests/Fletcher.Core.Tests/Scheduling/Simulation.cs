using NodaTime;

namespace Fletcher.Scheduling.Tests;

/// <summary>
/// A person who looks at a clock every minute, and starts what is due: what schedules must do, without any arithmetic on zones. Slow, and good for
/// what fires at whole minutes.
/// </summary>
internal static class Simulation
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    /// <summary>Whenever the clock shows it.</summary>
    internal static List<Instant> Elapsed(DateTimeZone zone, Instant from, Instant to, Func<LocalDateTime, bool> isMatch)
    {
        var fired = new List<Instant>();
        for (var at = from; at < to; at += Minute)
        {
            if (isMatch(at.InZone(zone).LocalDateTime))
                fired.Add(at);
        }

        return fired;
    }

    /// <summary>The first time that the clock shows it; if the clock is put over it, then.</summary>
    internal static List<Instant> OnTheWall(DateTimeZone zone, Instant from, Instant to, Func<LocalDateTime, bool> isMatch)
    {
        var fired = new List<Instant>();
        // The day before belongs to it: what was shown then is not shown for the first time again.
        var begin = from - Duration.FromHours(30);
        var latest = begin.InZone(zone).LocalDateTime.PlusMinutes(-1);
        for (var at = begin; at < to; at += Minute)
        {
            var shown = at.InZone(zone).LocalDateTime;
            var isDue = false;
            while (latest < shown)
            {
                latest = latest.PlusMinutes(1);
                isDue |= isMatch(latest);
            }

            if (isDue && at >= from)
                fired.Add(at);
        }

        return fired;
    }

    internal static void AssertFires(Schedule schedule, Instant from, Instant to, IEnumerable<Instant> expected)
    {
        var fired = schedule.Between(from.ToDateTimeOffset(), to.ToDateTimeOffset()).Select(firing => firing.UtcTime).ToList();
        var wanted = expected.Select(instant => instant.ToDateTimeOffset()).ToList();
        if (fired.SequenceEqual(wanted))
            return;
        Assert.Fail($"'{schedule.Text}' in {schedule.Zone}, {from} to {to}: missed [{string.Join(", ", wanted.Except(fired).Take(5).Select(time => $"{time:O}"))}], "
            + $"too many [{string.Join(", ", fired.Except(wanted).Take(5).Select(time => $"{time:O}"))}]");
    }
}
