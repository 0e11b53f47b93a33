using Fletcher.Model;

namespace Fletcher.Storage;

public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StartedRun>> StartAsync(IReadOnlyList<RunStart> starts, CancellationToken cancellationToken)
    {
        StoreArguments.Check(starts);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new([.. starts.Select(Start)]);
    }

    /// <inheritdoc/>
    public ValueTask PutFlowsAsync(IReadOnlyList<FlowRecord> flows, CancellationToken cancellationToken)
    {
        StoreArguments.Check(flows);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            foreach (var flow in flows)
                _flows[flow.Name] = flow;
            NoteChange();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<FlowRecord>> GetFlowsAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new([.. _flows.Values]);
    }

    /// <inheritdoc/>
    public ValueTask<FlowRecord?> GetFlowAsync(string flow, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_flows.GetValueOrDefault(flow));
    }

    /// <inheritdoc/>
    public IDisposable Listen(Action heard) => _listeners.Add(heard);

    // Under the lock: who hears it does no more than note it.
    private void NoteChange() => _listeners.Tell();

    private StartedRun Start(RunStart start)
    {
        var run = start.Run;
        // Also of a run that is not kept any longer: what it was for has been done.
        if (start.IdempotencyKey is { } key && _startKeys.Find(run.Flow, StartKeyKind.Idempotency, key) is { } known)
            return new StartedRun(known, StartOutcome.Found);
        if (Find(run.Flow, StartKeyKind.Deduplication, start.DeduplicationKey) is { IsOver: false } open)
            return new StartedRun(open.Id, StartOutcome.Found);
        if (run.OnceKey is not null && FindOnce(run.Flow, run.OnceKey) is { } done)
            return new StartedRun(done.Id, StartOutcome.Found);

        var outcome = StartOutcome.Created;
        if (Find(run.Flow, StartKeyKind.Debounce, start.DebounceKey) is { } waiting && waiting.CanBeReplacedByStart)
        {
            run = run with { Id = waiting.Id, RootRunId = waiting.Id, CreatedAt = waiting.CreatedAt, Fence = waiting.Fence + 1 };
            outcome = StartOutcome.Replaced;
        }

        Put(run);
        if (start.Entry is { } entry)
            Of(run.Id).Ledger.Add(entry with { RunId = run.Id });
        Note(run, StartKeyKind.Idempotency, start.IdempotencyKey);
        Note(run, StartKeyKind.Deduplication, start.DeduplicationKey);
        Note(run, StartKeyKind.Debounce, start.DebounceKey);
        return new StartedRun(run.Id, outcome);
    }

    private FlowRunRecord? Find(string flow, StartKeyKind kind, string? key) =>
        key is not null && _startKeys.Find(flow, kind, key) is { } run ? FindRun(run) : null;

    private void Note(FlowRunRecord run, StartKeyKind kind, string? key)
    {
        if (key is not null)
            _startKeys.Note(run.Flow, kind, key, run.Id);
    }
}
