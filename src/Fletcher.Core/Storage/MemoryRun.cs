using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>What <see cref="MemoryStore"/> keeps of one flow run.</summary>
internal sealed class MemoryRun(RunId id)
{
    public RunId Id { get; } = id;

    public FlowRunRecord? Run { get; set; }

    public MemoryStepRuns StepRuns { get; } = new();

    public List<LedgerEntry> Ledger { get; } = [];

    public List<LogLine> Logs { get; } = [];

    public Dictionary<(int Sequence, string Key), ArtifactRecord> Artifacts { get; } = [];

    /// <summary>The step that completed last, and where its last success is noted: usually the next one is of it too.</summary>
    public StepCode? LastStep { get; set; }

    /// <inheritdoc cref="LastStep"/>
    public MemoryLastSuccess? LastSuccess { get; set; }
}
