using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Testing;

/// <summary>
/// A process's view of its store. When the process is dead, nothing that it writes arrives any more and nothing that it reads comes;
/// another process's view has what was written before.
/// </summary>
internal sealed class ProcessStore(IRunStore behind, TestProcess process) : IRunStore
{
    private readonly Lock _gate = new();
    private readonly List<HostRecord> _hosts = [];
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _underWay;

    public string Description => behind.Description;

    // It outlives the process, as what runs in the test says: a run whose process died is found again.
    public bool IsVolatile => false;

    public ILimitStore? Limits => field ??= behind.Limits is { } limits ? new ProcessLimits(limits, () => process.IsDead, Dead) : null;

    // Runs read them, and people write them: no process owns them.
    public IVariableStore? Variables => behind.Variables;

    /// <summary>The process is dead: waits for what is on its way into the store, and ends its hosts there.</summary>
    internal async Task CutAsync(DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_underWay == 0)
                _idle.TrySetResult();
        }

        await _idle.Task.ConfigureAwait(false);
        foreach (var host in _hosts)
            await behind.PutHostAsync(host with { EndedAt = now }, CancellationToken.None).ConfigureAwait(false);
    }

    public ValueTask OpenAsync(CancellationToken cancellationToken) => behind.OpenAsync(cancellationToken);

    public async ValueTask WriteAsync(WriteBatch batch, CancellationToken cancellationToken) => await CommitAsync(
        () => CommitText.Of(batch),
        async () =>
        {
            await behind.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            return true;
        },
        batch).ConfigureAwait(false);

    public ValueTask<FlowRunRecord?> TryCreateOnceAsync(FlowRunRecord run, CancellationToken cancellationToken) => CommitAsync(
        () => $"the creation of a run of '{run.Flow}' for its key '{run.OnceKey}'", () => behind.TryCreateOnceAsync(run, cancellationToken));

    public ValueTask<FlowRunRecord?> TryClaimAsync(
        RunId run, RunVersion expected, Guid hostId, DateTimeOffset now, CancellationToken cancellationToken) => CommitAsync(
        () => "the claim of the run", () => behind.TryClaimAsync(run, expected, hostId, now, cancellationToken));

    public ValueTask<bool> TryReplaceAsync(
        FlowRunRecord run, RunVersion expected, WriteBatch beside, CancellationToken cancellationToken) => CommitAsync(
        () => $"the change of the run to {run.State}", () => behind.TryReplaceAsync(run, expected, beside, cancellationToken));

    public ValueTask<RunMessage?> SendAsync(RunMessage message, CancellationToken cancellationToken) => CommitAsync(
        () => $"a message to the run ({message.Kind})", () => behind.SendAsync(message, cancellationToken));

    public ValueTask<bool> SetPausedAsync(string flow, PausedFlow? paused, CancellationToken cancellationToken) => CommitAsync(
        () => $"the {(paused is null ? "end of the pause" : "pause")} of flow '{flow}'", () => behind.SetPausedAsync(flow, paused, cancellationToken));

    public ValueTask<IReadOnlyList<StartedRun>> StartAsync(IReadOnlyList<RunStart> starts, CancellationToken cancellationToken) => CommitAsync(
        () => $"the start of {starts.Count} runs", () => behind.StartAsync(starts, cancellationToken));

    public ValueTask PutFlowsAsync(IReadOnlyList<FlowRecord> flows, CancellationToken cancellationToken) => Alive.PutFlowsAsync(flows, cancellationToken);

    public ValueTask<IReadOnlyList<FlowRecord>> GetFlowsAsync(CancellationToken cancellationToken) => Alive.GetFlowsAsync(cancellationToken);

    public ValueTask<FlowRecord?> GetFlowAsync(string flow, CancellationToken cancellationToken) => Alive.GetFlowAsync(flow, cancellationToken);

    public IDisposable Listen(Action heard) => behind.Listen(heard);

    // A host asks this several times a second, and nearly always gets nothing: that is no point at which a flow dies.
    public async ValueTask<IReadOnlyList<ClaimedRun>> ClaimDueAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        process.Faults.ThrowIfRefused();
        if (!Enter())
            throw Dead();
        try
        {
            return await behind.ClaimDueAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Exit();
        }
    }

    public ValueTask<DateTimeOffset?> GetNextWakeAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        Alive.GetNextWakeAsync(request, cancellationToken);

    public ValueTask<IReadOnlyList<FlowRunRecord>> GetRunsOfHostAsync(
        Guid hostId, RunId after, int limit, CancellationToken cancellationToken) =>
        Alive.GetRunsOfHostAsync(hostId, after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<RunMessage>> GetMessagesAsync(long after, int limit, CancellationToken cancellationToken) =>
        Alive.GetMessagesAsync(after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<RunMessage>> GetUntakenAsync(RunId root, CancellationToken cancellationToken) =>
        Alive.GetUntakenAsync(root, cancellationToken);

    public ValueTask<long> GetLastMessageAsync(CancellationToken cancellationToken) => Alive.GetLastMessageAsync(cancellationToken);

    public ValueTask<IReadOnlyList<QuestionRecord>> GetQuestionsAsync(
        RunId? run, bool onlyOpen, int limit, CancellationToken cancellationToken) =>
        Alive.GetQuestionsAsync(run, onlyOpen, limit, cancellationToken);

    public ValueTask<IReadOnlyList<PausedFlow>> GetPausedAsync(CancellationToken cancellationToken) => Alive.GetPausedAsync(cancellationToken);

    public ValueTask<IReadOnlyList<HostRecord>> GetLivingHostsAsync(CancellationToken cancellationToken) => Alive.GetLivingHostsAsync(cancellationToken);

    public ValueTask<IReadOnlyList<Guid>> GetOwnersAsync(CancellationToken cancellationToken) => Alive.GetOwnersAsync(cancellationToken);

    public async ValueTask PutHostAsync(HostRecord host, CancellationToken cancellationToken)
    {
        if (!Enter())
            return;
        try
        {
            lock (_gate)
            {
                _hosts.RemoveAll(known => known.Id == host.Id);
                _hosts.Add(host);
            }

            await behind.PutHostAsync(host, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Exit();
        }
    }

    public ValueTask<HostRecord?> GetHostAsync(Guid host, CancellationToken cancellationToken) =>
        Alive.GetHostAsync(host, cancellationToken);

    public ValueTask<FlowRunRecord?> GetFlowRunAsync(RunId run, CancellationToken cancellationToken) =>
        Alive.GetFlowRunAsync(run, cancellationToken);

    public ValueTask<IReadOnlyList<RunId>> FindOverAsync(IReadOnlyCollection<RunId> runs, CancellationToken cancellationToken) =>
        Alive.FindOverAsync(runs, cancellationToken);

    public ValueTask<IReadOnlyList<FlowRunRecord>> GetFlowRunsAsync(FlowRunQuery query, CancellationToken cancellationToken) =>
        Alive.GetFlowRunsAsync(query, cancellationToken);

    public ValueTask<IReadOnlyList<FlowRunRecord>> FindUnfinishedAsync(
        string flow, ContentHash parametersHash, Guid exceptHost, int limit, CancellationToken cancellationToken) =>
        Alive.FindUnfinishedAsync(flow, parametersHash, exceptHost, limit, cancellationToken);

    public ValueTask<FlowRunRecord?> FindOnceAsync(string flow, string onceKey, CancellationToken cancellationToken) =>
        Alive.FindOnceAsync(flow, onceKey, cancellationToken);

    public IAsyncEnumerable<StepRunRecord> GetStepRunsAsync(RunId run, CancellationToken cancellationToken) =>
        Alive.GetStepRunsAsync(run, cancellationToken);

    public ValueTask<StepRunRecord?> FindLastSuccessAsync(
        string flow, string step, RunId exceptRun, CancellationToken cancellationToken) =>
        Alive.FindLastSuccessAsync(flow, step, exceptRun, cancellationToken);

    public ValueTask<CacheEntry?> FindCachedAsync(string step, ContentHash key, CancellationToken cancellationToken) =>
        Alive.FindCachedAsync(step, key, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>> ReadValueAsync(StoredValue value, CancellationToken cancellationToken) =>
        Alive.ReadValueAsync(value, cancellationToken);

    public ValueTask<IReadOnlyList<LedgerEntry>> GetLedgerAsync(RunId run, CancellationToken cancellationToken) =>
        Alive.GetLedgerAsync(run, cancellationToken);

    public ValueTask<IReadOnlyList<LogLine>> GetLogsAsync(RunId run, int? sequence, int limit, CancellationToken cancellationToken) =>
        Alive.GetLogsAsync(run, sequence, limit, cancellationToken);

    public ValueTask<IReadOnlyList<ArtifactRecord>> GetArtifactsAsync(RunId run, CancellationToken cancellationToken) =>
        Alive.GetArtifactsAsync(run, cancellationToken);

    // The test reads what is behind after the process is gone, and closes it then.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IRunStore Alive => process.IsDead ? throw Dead() : behind;

    /// <summary>Makes a change durable, if the process lives to do it.</summary>
    private async ValueTask<T> CommitAsync<T>(Func<string> what, Func<ValueTask<T>> commit, WriteBatch? batch = null)
    {
        process.Faults.ThrowIfRefused();
        var fate = Enter() ? process.Crash.AtCommit(what) : throw Dead();
        try
        {
            if (fate == CommitFate.IsLost)
                process.Die();
            if (process.IsDead)
                throw Dead();
            var result = await commit().ConfigureAwait(false);
            if (fate == CommitFate.ArrivesLast)
                process.Die();
            else if (batch is not null)
                DieAfter(batch);
            return process.IsDead ? throw Dead() : result;
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Dies when the end of a step was in the batch after whose commit the test wants it.</summary>
    private void DieAfter(WriteBatch batch)
    {
        foreach (var step in batch.StepRuns)
        {
            if (step.State.IsEnd()
                && process.Faults.Strike(step.RunId, step.Sequence, step.Attempt, StepFaultKind.CrashesAfterCommit) is { } fault)
            {
                process.Crash.Say($"after the end of '{step.Name ?? step.Step.Name}' was committed ({fault.Handle})");
                process.Die();
                return;
            }
        }
    }

    private bool Enter()
    {
        lock (_gate)
        {
            if (process.IsDead)
                return false;
            _underWay++;
            return true;
        }
    }

    private void Exit()
    {
        lock (_gate)
        {
            if (--_underWay == 0 && process.IsDead)
                _idle.TrySetResult();
        }
    }

    private static StoreUnavailableException Dead() => new("FLT1101", "the simulated process is dead");
}
