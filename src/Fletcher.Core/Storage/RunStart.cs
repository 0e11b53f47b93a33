using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// A run that is to be started, and what keeps it from being started twice. The keys are those of its flow: two flows may use the same.
/// They are looked at in the order of the properties here, then the run's <see cref="FlowRunRecord.OnceKey"/> as <see cref="IRunStore.TryCreateOnceAsync"/>
/// does, and <see cref="DebounceKey"/> last.
/// </summary>
public sealed record RunStart
{
    /// <summary>The run as it is created.</summary>
    public required FlowRunRecord Run { get; init; }

    /// <summary>The ledger entry that is written with it, whether it is created or replaces one; its run is filled in. Null for none.</summary>
    public LedgerEntry? Entry { get; init; }

    /// <summary>Only the first start with it creates a run, whatever became of that run. Null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>While a run that was started with it is open, or has crashed and goes on, no other one is created. Null for none.</summary>
    public string? DeduplicationKey { get; init; }

    /// <summary>
    /// While a run that was started with it waits in state <see cref="FlowRunState.Scheduled"/> and has never begun, a later start takes its place: the run keeps its id and the time of its
    /// creation, everything else is that of the later one, under a fence one higher. Null for none.
    /// </summary>
    public string? DebounceKey { get; init; }
}

/// <summary>What became of a start.</summary>
/// <param name="Run">The run: the one that was created, or the one that was there.</param>
/// <param name="Outcome">Which of these.</param>
public readonly record struct StartedRun(RunId Run, StartOutcome Outcome)
{
    /// <summary>Whether a run was created.</summary>
    public bool IsCreated => Outcome == StartOutcome.Created;
}

/// <summary>What became of a start.</summary>
public enum StartOutcome
{
    /// <summary>A run was created.</summary>
    Created = 0,
    /// <summary>There was one with its key, which is left as it is.</summary>
    Found = 1,
    /// <summary>It took the place of one that waited.</summary>
    Replaced = 2,
}
