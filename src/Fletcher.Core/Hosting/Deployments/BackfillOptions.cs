using Fletcher.Scheduling;

namespace Fletcher.Hosting;

/// <summary>How the gaps of a range are filled.</summary>
public sealed record BackfillOptions
{
    /// <summary>Which gaps come first. Default <see cref="BackfillOrder.OldestFirst"/>.</summary>
    public BackfillOrder Order { get; init; }

    /// <summary>How many of its runs may go on at the same time; from 1, default 1. The others are started as those end.</summary>
    public int AtMost { get; init; } = 1;

    /// <summary>Whether nothing is to be started, only said what would be. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>
    /// Whether firings are filled of which it is not known any more whether they had a run, as neither the run nor its key is kept (docs/retention.md). Default false: a range with such firings is refused.
    /// </summary>
    public bool IncludeForgotten { get; init; }
}

/// <summary>What a backfill starts, or would start.</summary>
/// <param name="Deployment">The deployment.</param>
/// <param name="Times">The times of the firings that had no run, in the order in which they are started.</param>
/// <param name="Present">How many firings of the range had a run, or wait for one already.</param>
/// <param name="IsDryRun">Whether nothing is started.</param>
public sealed record BackfillResult(string Deployment, IReadOnlyList<DateTimeOffset> Times, int Present, bool IsDryRun);
