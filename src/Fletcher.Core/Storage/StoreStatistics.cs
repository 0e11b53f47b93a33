using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>What is in a store.</summary>
public sealed record StoreStatistics
{
    /// <summary>The version of its schema.</summary>
    public required int SchemaVersion { get; init; }

    /// <summary>How many bytes it takes on its disk, with what it keeps beside its tables.</summary>
    public required long Bytes { get; init; }

    /// <summary>How many of these bytes are results that are too large for a row.</summary>
    public required long LargeValueBytes { get; init; }

    /// <summary>How many flow runs there are in each state; states without runs are left out.</summary>
    public required IReadOnlyDictionary<FlowRunState, long> FlowRuns { get; init; }

    /// <summary>How many step runs there are.</summary>
    public required long StepRuns { get; init; }

    /// <summary>How many log lines there are.</summary>
    public required long LogLines { get; init; }

    /// <summary>When the oldest flow run was created; null when there is none.</summary>
    public DateTimeOffset? OldestRunAt { get; init; }

    /// <summary>When the newest flow run was created; null when there is none.</summary>
    public DateTimeOffset? NewestRunAt { get; init; }
}
