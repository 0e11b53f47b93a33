using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Testing;

/// <summary>What a store has of a run and of those inside it.</summary>
internal sealed record ReadRun(
    FlowRunRecord? Record, RunId Id, IReadOnlyList<FlowTestStep> Steps, IReadOnlyList<LedgerEntry> Ledger, IReadOnlyList<LogLine> Logs, string? Result);

/// <summary>Reads runs out of a store.</summary>
internal sealed class RunReader(IRunStore store, ProcessEvents events)
{
    private const int MostLines = 10_000;

    internal async Task<ReadRun> ReadAsync(RunId id, FlowCall call)
    {
        var happened = events.Since(call.FirstEvent).ToLookup(happening => (happening.Run, happening.Sequence));
        var steps = new List<FlowTestStep>();
        var ledger = new List<LedgerEntry>();
        var logs = new List<LogLine>();
        var record = await ReadFamilyAsync(id, happened, steps, ledger, logs).ConfigureAwait(false);
        return new ReadRun(record, id, steps, ledger, logs, await TextAsync(record?.Result).ConfigureAwait(false));
    }

    /// <summary>The runs without a parent, oldest first.</summary>
    internal async Task<IReadOnlyList<FlowRunRecord>> RootsAsync() =>
    [
        .. (await store.GetFlowRunsAsync(new FlowRunQuery { Limit = 1000 }, CancellationToken.None).ConfigureAwait(false))
            .Where(run => run.ParentRunId is null).Reverse(),
    ];

    private async Task<FlowRunRecord?> ReadFamilyAsync(
        RunId id, ILookup<(RunId, int), StepEvent> happened, List<FlowTestStep> steps, List<LedgerEntry> ledger, List<LogLine> logs)
    {
        var record = await store.GetFlowRunAsync(id, CancellationToken.None).ConfigureAwait(false);
        ledger.AddRange(await store.GetLedgerAsync(id, CancellationToken.None).ConfigureAwait(false));
        logs.AddRange(await store.GetLogsAsync(id, null, MostLines, CancellationToken.None).ConfigureAwait(false));
        var own = new List<StepRunRecord>();
        await foreach (var step in store.GetStepRunsAsync(id, CancellationToken.None).ConfigureAwait(false))
            own.Add(step);
        foreach (var step in own)
        {
            // The values that a flow remembers are no steps for people.
            if (step.Step.Name is "Flow.Now" or "Flow.NewGuid" or "Flow.Random")
                continue;

            // Nor is what would undo a step, as long as nothing is undone.
            if (step is { Undoes: not 0, Attempt: 0, State: StepRunState.Waiting or StepRunState.NotRun })
                continue;
            var text = await TextAsync(step.Result).ConfigureAwait(false);
            steps.Add(new FlowTestStep(step, record?.Flow ?? "", [.. happened[(id, step.Sequence)]], text, steps));
            if (step.ChildRunId is { } child && child != id)
                await ReadFamilyAsync(child, happened, steps, ledger, logs).ConfigureAwait(false);
        }

        return record;
    }

    private async Task<string?> TextAsync(StoredValue? stored)
    {
        if (stored is null)
            return null;
        var content = stored.Content ?? await store.ReadValueAsync(stored, CancellationToken.None).ConfigureAwait(false);
        return stored.Format is ValueFormat.Bytes or ValueFormat.Protected
            ? $"{stored.Length} bytes, {stored.Hash}"
            : System.Text.Encoding.UTF8.GetString(content.Span);
    }
}
