namespace Fletcher.Scheduling;

/// <summary>Which firings are due, given what was handled before. Immutable.</summary>
public sealed record CatchUp
{
    /// <summary>What happens to missed firings: <see cref="CatchUpPolicy.Latest"/> by default.</summary>
    public CatchUpPolicy Policy { get; init; }

    /// <summary>For <see cref="CatchUpPolicy.All"/>: how long ago a firing may have been due and is still started. A day by default.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How late a firing may be and still is on time, not missed, whatever the policy: hosts look at the clock now and then, and are busy. A minute
    /// by default.
    /// </summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The firings to start now, oldest first. Lazy. All later than <paramref name="lastHandled"/> and due at or before <paramref name="now"/> are
    /// decided by this: those that are not given out are left out for good. So afterwards the last handled one is the result of <see cref="LastDue"/>.
    /// </summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="scheduleId">Its id, which decides about its jitter.</param>
    /// <param name="lastHandled">The time of the last firing that was started or left out; of a new schedule, when it was made.</param>
    /// <param name="now">The time it is.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="Policy"/> is none of its values, or <see cref="Window"/> or <see cref="Grace"/> is negative.</exception>
    public IEnumerable<Firing> Due(Schedule schedule, string scheduleId, DateTimeOffset lastHandled, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(scheduleId);
        ArgumentOutOfRangeException.ThrowIfLessThan(Window, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Grace, TimeSpan.Zero);
        if (!Enum.IsDefined(Policy))
            throw new ArgumentOutOfRangeException(nameof(schedule), Policy, $"There is no catch-up policy {(int)Policy}.");

        if (now <= lastHandled)
            return [];
        var isOnTime = Since(schedule, scheduleId, lastHandled, now, Policy == CatchUpPolicy.All && Window > Grace ? Window : Grace);
        return Policy == CatchUpPolicy.Latest ? WithLatest(isOnTime, LastDue(schedule, scheduleId, lastHandled, now)) : isOnTime;
    }

    /// <summary>The last firing that is due at <paramref name="now"/>, later than <paramref name="lastHandled"/>; null when there is none. Quick however long ago that was.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="scheduleId">Its id, which decides about its jitter.</param>
    /// <param name="lastHandled">The time of the last firing that was started or left out; of a new schedule, when it was made.</param>
    /// <param name="now">The time it is.</param>
    public static Firing? LastDue(Schedule schedule, string scheduleId, DateTimeOffset lastHandled, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        if (now <= lastHandled)
            return null;
        foreach (var firing in schedule.BetweenNewestFirst(lastHandled.AddTicks(1), Later(now)))
        {
            if (schedule.DueAt(scheduleId, firing) <= now)
                return firing;
        }

        return null;
    }

    private static IEnumerable<Firing> Since(Schedule schedule, string scheduleId, DateTimeOffset lastHandled, DateTimeOffset now, TimeSpan allowed)
    {
        // The jitter may have made due lately what fired before; it is part of the look back.
        var reach = allowed > TimeSpan.MaxValue - schedule.Jitter ? TimeSpan.MaxValue : allowed + schedule.Jitter;
        var from = now - lastHandled > reach ? now - reach : lastHandled.AddTicks(1);
        return schedule.Between(from, Later(now))
            .Select(firing => (Firing: firing, DueAt: schedule.DueAt(scheduleId, firing)))
            .TakeWhile(firing => firing.DueAt <= now)
            .SkipWhile(firing => now - firing.DueAt > allowed)
            .Select(firing => firing.Firing);
    }

    // Several may be on time, of a schedule that fires every second: none of them was missed.
    private static IEnumerable<Firing> WithLatest(IEnumerable<Firing> onTime, Firing? latest)
    {
        var any = false;
        foreach (var firing in onTime)
        {
            any = true;
            yield return firing;
        }

        if (!any && latest is { } missed)
            yield return missed;
    }

    private static DateTimeOffset Later(DateTimeOffset now) => now.UtcTicks == DateTimeOffset.MaxValue.UtcTicks ? now : now.AddTicks(1);
}
