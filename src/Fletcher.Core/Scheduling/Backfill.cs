namespace Fletcher.Scheduling;

/// <summary>Which firings of a range have no run yet.</summary>
public static class Backfill
{
    /// <summary>The gaps of a range. Lazy: take as many as are wanted.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="from">A firing at exactly this instant is in the range.</param>
    /// <param name="to">A firing at exactly this instant is not.</param>
    /// <param name="hasRun">Whether the firing of this time has a run; asked once for each firing, in the order of the result.</param>
    /// <param name="order">Oldest or newest first.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is none of its values.</exception>
    public static IEnumerable<Firing> Gaps(
        Schedule schedule, DateTimeOffset from, DateTimeOffset to, Func<Firing, bool> hasRun, BackfillOrder order = BackfillOrder.OldestFirst)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(hasRun);
        var firings = order switch
        {
            BackfillOrder.OldestFirst => schedule.Between(from, to),
            BackfillOrder.NewestFirst => schedule.BetweenNewestFirst(from, to),
            _ => throw new ArgumentOutOfRangeException(nameof(order), order, $"There is no backfill order {(int)order}."),
        };
        return firings.Where(firing => !hasRun(firing));
    }

    /// <summary>The gaps of a range. Lazy: take as many as are wanted.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="from">A firing at exactly this instant is in the range.</param>
    /// <param name="to">A firing at exactly this instant is not.</param>
    /// <param name="handled">The times that have runs, in any order and with any offsets: instants are compared.</param>
    /// <param name="order">Oldest or newest first.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is none of its values.</exception>
    public static IEnumerable<Firing> Gaps(
        Schedule schedule, DateTimeOffset from, DateTimeOffset to, IEnumerable<DateTimeOffset> handled, BackfillOrder order = BackfillOrder.OldestFirst)
    {
        ArgumentNullException.ThrowIfNull(handled);
        var times = handled.ToHashSet();
        return Gaps(schedule, from, to, firing => times.Contains(firing.Time), order);
    }
}
