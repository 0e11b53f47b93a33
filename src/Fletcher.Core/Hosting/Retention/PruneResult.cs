using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>What was let go, or would be.</summary>
public sealed record PruneResult
{
    /// <summary>How many root runs of which flow, and why; by flow, kind and reason. What they consist of, such as sub-flows and steps, goes with them and is not counted here.</summary>
    public IReadOnlyList<PrunedFlow> Flows { get; init; } = [];

    /// <summary>How many runs in all.</summary>
    public long Runs => Flows.Sum(static flow => flow.Runs);

    /// <summary>How many runs should go and were left, as another run needs them.</summary>
    public long Needed { get; init; }

    /// <summary>How many rows were deleted of runs that are gone, also of those that earlier calls let go. 0 for a dry run.</summary>
    public long Rows { get; init; }

    /// <summary>How many parts of tables were dropped whole. 0 for a dry run, and for stores without such parts.</summary>
    public long DroppedPartitions { get; init; }

    /// <summary>How many idempotency keys were forgotten.</summary>
    public long Keys { get; init; }

    /// <summary>How many cached results were forgotten.</summary>
    public long CachedResults { get; init; }

    /// <summary>How many hosts were forgotten that ended long ago.</summary>
    public long Hosts { get; init; }

    /// <summary>How many bytes the store gave back to the system. 0 for a dry run, and where the database does that by itself.</summary>
    public long BytesGivenBack { get; init; }

    /// <summary>How many bytes are free in the store, for what is written next.</summary>
    public long BytesFree { get; init; }

    /// <summary>Whether <see cref="PruneOptions.Compact"/> is needed to give free room back: the store was made by an earlier version.</summary>
    public bool NeedsCompacting { get; init; }

    /// <summary>Whether nothing was changed.</summary>
    public bool IsDryRun { get; init; }
}

/// <summary>Runs of one flow that were let go for one reason.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Kind">What they counted as.</param>
/// <param name="Reason">Why.</param>
/// <param name="Runs">How many.</param>
public sealed record PrunedFlow(string Flow, RetentionKind Kind, PruneReason Reason, long Runs);
