using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// What is written in one transaction. Within each list a later record replaces an earlier one with the same identity.
/// </summary>
public sealed class WriteBatch
{
    /// <summary>Flow runs, by <see cref="FlowRunRecord.Id"/>.</summary>
    public List<FlowRunRecord> FlowRuns { get; } = [];

    /// <summary>Step runs, by run and sequence.</summary>
    public List<StepRunRecord> StepRuns { get; } = [];

    /// <summary>New ledger entries.</summary>
    public List<LedgerEntry> Ledger { get; } = [];

    /// <summary>New log lines.</summary>
    public List<LogLine> Logs { get; } = [];

    /// <summary>Artifacts, by run, sequence and key.</summary>
    public List<ArtifactRecord> Artifacts { get; } = [];

    /// <summary>Cached results, by step and key.</summary>
    public List<CacheEntry> Cache { get; } = [];

    /// <summary>How many records there are in all.</summary>
    public int Count => FlowRuns.Count + StepRuns.Count + Ledger.Count + Logs.Count + Artifacts.Count + Cache.Count;

    /// <summary>Empties the batch and keeps its memory.</summary>
    public void Clear()
    {
        FlowRuns.Clear();
        StepRuns.Clear();
        Ledger.Clear();
        Logs.Clear();
        Artifacts.Clear();
        Cache.Clear();
    }

    /// <summary>Adds everything that another batch holds.</summary>
    public void Append(WriteBatch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        FlowRuns.AddRange(other.FlowRuns);
        StepRuns.AddRange(other.StepRuns);
        Ledger.AddRange(other.Ledger);
        Logs.AddRange(other.Logs);
        Artifacts.AddRange(other.Artifacts);
        Cache.AddRange(other.Cache);
    }
}
