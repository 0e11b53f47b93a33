using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// What is written in one transaction. Within each list a later record replaces an earlier one with the same identity.
/// </summary>
public sealed class WriteBatch
{
    /// <summary>A batch of ledger entries.</summary>
    public static WriteBatch Of(params IEnumerable<LedgerEntry> ledger)
    {
        var batch = new WriteBatch();
        batch.Ledger.AddRange(ledger);
        return batch;
    }

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

    /// <summary>Questions, by run and sequence.</summary>
    public List<QuestionRecord> Questions { get; } = [];

    /// <summary>
    /// New messages without a <see cref="RunMessage.Key"/>. Unlike those of <see cref="IRunStore.SendAsync"/> they are kept whatever state their runs are in, and
    /// make none due. One to a run that is not there is not kept.
    /// </summary>
    public List<RunMessage> Messages { get; } = [];

    /// <summary>Messages that step runs took.</summary>
    public List<TakenMessage> Taken { get; } = [];

    /// <summary>
    /// For each run that the batch has records of, under which lease they were made. Records of a run that is not in here are
    /// written without a look at leases.
    /// </summary>
    public Dictionary<RunId, RunLease> Leases { get; } = [];

    /// <summary>How many records there are in all.</summary>
    public int Count => FlowRuns.Count + StepRuns.Count + Ledger.Count + Logs.Count + Artifacts.Count + Cache.Count
        + Questions.Count + Messages.Count + Taken.Count;

    /// <summary>Empties the batch and keeps its memory.</summary>
    public void Clear()
    {
        FlowRuns.Clear();
        StepRuns.Clear();
        Ledger.Clear();
        Logs.Clear();
        Artifacts.Clear();
        Cache.Clear();
        Questions.Clear();
        Messages.Clear();
        Taken.Clear();
        Leases.Clear();
    }

    /// <summary>
    /// Adds everything that another batch, made later, holds. What this one has of a run under an older lease than the other is taken
    /// out: who has a newer lease has lost the older, and the records must not be written under the newer one.
    /// </summary>
    public void Append(WriteBatch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var outdated = other.Leases
            .Where(lease => Leases.TryGetValue(lease.Key, out var known) && known != lease.Value)
            .Select(lease => Leases[lease.Key]).ToHashSet();
        if (outdated.Count > 0)
            RemoveLost(outdated);
        FlowRuns.AddRange(other.FlowRuns);
        StepRuns.AddRange(other.StepRuns);
        Ledger.AddRange(other.Ledger);
        Logs.AddRange(other.Logs);
        Artifacts.AddRange(other.Artifacts);
        Cache.AddRange(other.Cache);
        Questions.AddRange(other.Questions);
        Messages.AddRange(other.Messages);
        Taken.AddRange(other.Taken);
        foreach (var (run, lease) in other.Leases)
            Leases[run] = lease;
    }

    /// <summary>Takes out everything that was made under these leases.</summary>
    public void RemoveLost(IReadOnlySet<RunLease> lost)
    {
        ArgumentNullException.ThrowIfNull(lost);
        var runs = Leases.Where(lease => lost.Contains(lease.Value)).Select(lease => lease.Key).ToHashSet();
        FlowRuns.RemoveAll(run => runs.Contains(run.Id));
        StepRuns.RemoveAll(step => runs.Contains(step.RunId));
        Ledger.RemoveAll(entry => runs.Contains(entry.RunId));
        Logs.RemoveAll(line => runs.Contains(line.RunId));
        Artifacts.RemoveAll(artifact => runs.Contains(artifact.RunId));
        Cache.RemoveAll(entry => runs.Contains(entry.RunId));
        Questions.RemoveAll(question => runs.Contains(question.RunId));
        Messages.RemoveAll(message => runs.Contains(message.RunId));
        Taken.RemoveAll(taken => runs.Contains(taken.RunId));
        foreach (var run in runs)
            Leases.Remove(run);
    }
}

/// <summary>What a host writes a run under: it has the run's family as long as nobody has claimed it since.</summary>
/// <param name="Root">The outermost run of the family.</param>
/// <param name="Fence">The <see cref="FlowRunRecord.Fence"/> of that run when the host got it.</param>
public readonly record struct RunLease(RunId Root, long Fence);

/// <summary>Says that a step run took a message.</summary>
/// <param name="RunId">The run that the message was sent to.</param>
/// <param name="Number">The message's number.</param>
/// <param name="Sequence">The step run; -1 for the run as a whole; 0 gives the message back.</param>
public readonly record struct TakenMessage(RunId RunId, long Number, int Sequence);
