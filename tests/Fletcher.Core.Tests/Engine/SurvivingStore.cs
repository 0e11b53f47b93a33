using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Testing;

namespace Fletcher.Engine.Tests;

/// <summary>
/// One process's view of a store in memory. When the process is killed, its writes never come back, and another process's
/// view (<see cref="Reopen"/>) has what was written before.
/// </summary>
internal sealed class SurvivingStore(TimeProvider? time = null, MemoryStore? behind = null) : IRunStore
{
    private readonly MemoryStore _behind = behind ?? new MemoryStore(time);
    private readonly TaskCompletionSource _never = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<HostRecord> _hosts = [];
    private volatile bool _dead;
    private int _writes;

    /// <summary>Called with each batch before it is written; may call <see cref="Kill"/> or throw.</summary>
    internal Action<SurvivingStore, WriteBatch>? BeforeWrite { get; set; }

    /// <summary>Awaited with each batch before it is written.</summary>
    internal Func<WriteBatch, Task>? HoldWrite { get; set; }

    /// <summary>Awaited with each run before it is read by itself.</summary>
    internal Func<RunId, Task>? HoldRead { get; set; }

    /// <summary>Awaited before each heartbeat is written.</summary>
    internal Func<Task>? HoldHeartbeat { get; set; }

    /// <summary>Set to let the next claim of what is due be made, and its answer be lost.</summary>
    internal bool LosesAnswer { get; set; }

    /// <summary>How many batches were written.</summary>
    internal int WriteCount => Volatile.Read(ref _writes);

    /// <summary>Whether the process was killed.</summary>
    internal bool IsDead => _dead;

    public string Description => "memory that survives";

    public bool IsVolatile => false;

    // Its runs lose what they have when somebody declares them dead; what they still ask for finds no lease.
    public ILimitStore Limits => field ??= new ProcessLimits(_behind.Limits, () => _dead, () => new StoreUnavailableException("FLT1101", "the process is dead"));

    public IDeploymentStore Deployments => field ??= new SurvivingDeployments(_behind.Deployments, this);

    /// <summary>Called before a deployment is written; may call <see cref="Kill"/>.</summary>
    internal Action<SurvivingStore, IReadOnlyList<RunStart>>? BeforeDeployment { get; set; }

    /// <summary>How often deployments were asked for or written.</summary>
    internal int DeploymentCalls => ((SurvivingDeployments)Deployments).Calls;

    internal SurvivingStore Reopen() => new(behind: _behind);

    /// <summary>From now on nothing that this process writes arrives.</summary>
    internal void Kill()
    {
        _dead = true;
        foreach (var host in _hosts)
            _behind.PutHostAsync(host with { EndedAt = host.StartedAt }, CancellationToken.None).AsTask().Wait();
    }

    /// <summary>Lets what still runs of a killed process come to its end, so that a test leaves nothing behind.</summary>
    internal async Task End(TestHost killed, Task? lost = null)
    {
        if (!_dead)
            throw new InvalidOperationException("The process was not killed.");
        _never.TrySetException(new StoreUnavailableException("FLT1101", "the process is dead"));
        await ((Task)killed.DisposeAsync().AsTask()).ContinueWith(_ => { }, TaskScheduler.Default).WithinLimit("the end of the killed host");
        if (lost is not null)
            await lost.ContinueWith(done => done.Exception, TaskScheduler.Default).WithinLimit("the end of the lost run");
    }

    public ValueTask OpenAsync(CancellationToken cancellationToken) => _behind.OpenAsync(cancellationToken);

    public async ValueTask WriteAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        BeforeWrite?.Invoke(this, batch);
        if (HoldWrite is { } hold)
            await hold(batch).ConfigureAwait(false);
        if (_dead)
            await _never.Task.ConfigureAwait(false);
        await _behind.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        Interlocked.Increment(ref _writes);
    }

    public async ValueTask PutHostAsync(HostRecord host, CancellationToken cancellationToken)
    {
        if (HoldHeartbeat is { } hold)
            await hold().ConfigureAwait(false);
        if (_dead)
            return;
        _hosts.Add(host);
        await _behind.PutHostAsync(host, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<HostRecord?> GetHostAsync(Guid host, CancellationToken cancellationToken) =>
        _behind.GetHostAsync(host, cancellationToken);

    public ValueTask<FlowRunRecord?> TryCreateOnceAsync(FlowRunRecord run, CancellationToken cancellationToken) =>
        ArriveAsync(() => _behind.TryCreateOnceAsync(run, cancellationToken));

    public ValueTask<FlowRunRecord?> TryClaimAsync(
        RunId run, RunVersion expected, Guid hostId, DateTimeOffset now, CancellationToken cancellationToken) =>
        ArriveAsync(() => _behind.TryClaimAsync(run, expected, hostId, now, cancellationToken));

    public async ValueTask<FlowRunRecord?> GetFlowRunAsync(RunId run, CancellationToken cancellationToken)
    {
        if (HoldRead is { } hold)
            await hold(run).ConfigureAwait(false);
        return await _behind.GetFlowRunAsync(run, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<IReadOnlyList<RunId>> FindOverAsync(IReadOnlyCollection<RunId> runs, CancellationToken cancellationToken) =>
        _behind.FindOverAsync(runs, cancellationToken);

    public ValueTask<IReadOnlyList<FlowRunRecord>> GetFlowRunsAsync(FlowRunQuery query, CancellationToken cancellationToken) =>
        _behind.GetFlowRunsAsync(query, cancellationToken);

    public ValueTask<IReadOnlyList<FlowRunRecord>> FindUnfinishedAsync(
        string flow, ContentHash parametersHash, Guid exceptHost, int limit, CancellationToken cancellationToken) =>
        _behind.FindUnfinishedAsync(flow, parametersHash, exceptHost, limit, cancellationToken);

    public ValueTask<FlowRunRecord?> FindOnceAsync(string flow, string onceKey, CancellationToken cancellationToken) =>
        _behind.FindOnceAsync(flow, onceKey, cancellationToken);

    public IAsyncEnumerable<StepRunRecord> GetStepRunsAsync(RunId run, CancellationToken cancellationToken) =>
        _behind.GetStepRunsAsync(run, cancellationToken);

    public ValueTask<StepRunRecord?> FindLastSuccessAsync(
        string flow, string step, RunId exceptRun, CancellationToken cancellationToken) =>
        _behind.FindLastSuccessAsync(flow, step, exceptRun, cancellationToken);

    public ValueTask<CacheEntry?> FindCachedAsync(string step, ContentHash key, CancellationToken cancellationToken) =>
        _behind.FindCachedAsync(step, key, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>> ReadValueAsync(StoredValue value, CancellationToken cancellationToken) =>
        _behind.ReadValueAsync(value, cancellationToken);

    public ValueTask<IReadOnlyList<LedgerEntry>> GetLedgerAsync(RunId run, CancellationToken cancellationToken) =>
        _behind.GetLedgerAsync(run, cancellationToken);

    public ValueTask<IReadOnlyList<LogLine>> GetLogsAsync(RunId run, int? sequence, int limit, CancellationToken cancellationToken) =>
        _behind.GetLogsAsync(run, sequence, limit, cancellationToken);

    public ValueTask<IReadOnlyList<ArtifactRecord>> GetArtifactsAsync(RunId run, CancellationToken cancellationToken) =>
        _behind.GetArtifactsAsync(run, cancellationToken);

    public ValueTask<IReadOnlyList<StartedRun>> StartAsync(IReadOnlyList<RunStart> starts, CancellationToken cancellationToken) =>
        ArriveAsync(() => _behind.StartAsync(starts, cancellationToken));

    public ValueTask PutFlowsAsync(IReadOnlyList<FlowRecord> flows, CancellationToken cancellationToken) => _behind.PutFlowsAsync(flows, cancellationToken);

    public ValueTask<IReadOnlyList<FlowRecord>> GetFlowsAsync(CancellationToken cancellationToken) => _behind.GetFlowsAsync(cancellationToken);

    public ValueTask<FlowRecord?> GetFlowAsync(string flow, CancellationToken cancellationToken) => _behind.GetFlowAsync(flow, cancellationToken);

    public IDisposable Listen(Action heard) => _behind.Listen(heard);

    public ValueTask<IReadOnlyList<ClaimedRun>> ClaimDueAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        ArriveAsync(async () =>
        {
            var claimed = await _behind.ClaimDueAsync(request, cancellationToken).ConfigureAwait(false);
            if (!LosesAnswer || claimed.Count == 0)
                return claimed;
            LosesAnswer = false;
            throw new StoreUnavailableException("FLT1101", "the answer was lost");
        });

    public ValueTask<bool> TryReplaceAsync(
        FlowRunRecord run, RunVersion expected, WriteBatch beside, CancellationToken cancellationToken) =>
        ArriveAsync(() => _behind.TryReplaceAsync(run, expected, beside, cancellationToken));

    public ValueTask<DateTimeOffset?> GetNextWakeAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        _behind.GetNextWakeAsync(request, cancellationToken);

    public ValueTask<IReadOnlyList<FlowRunRecord>> GetRunsOfHostAsync(
        Guid hostId, RunId after, int limit, CancellationToken cancellationToken) =>
        _behind.GetRunsOfHostAsync(hostId, after, limit, cancellationToken);

    public ValueTask<RunMessage?> SendAsync(RunMessage message, CancellationToken cancellationToken) =>
        ArriveAsync(() => _behind.SendAsync(message, cancellationToken));

    public ValueTask<IReadOnlyList<RunMessage>> GetMessagesAsync(long after, int limit, CancellationToken cancellationToken) =>
        _behind.GetMessagesAsync(after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<RunMessage>> GetUntakenAsync(RunId root, CancellationToken cancellationToken) =>
        _behind.GetUntakenAsync(root, cancellationToken);

    public ValueTask<long> GetLastMessageAsync(CancellationToken cancellationToken) =>
        _behind.GetLastMessageAsync(cancellationToken);

    public ValueTask<IReadOnlyList<QuestionRecord>> GetQuestionsAsync(
        RunId? run, bool onlyOpen, int limit, CancellationToken cancellationToken) =>
        _behind.GetQuestionsAsync(run, onlyOpen, limit, cancellationToken);

    public ValueTask<bool> SetPausedAsync(string flow, PausedFlow? paused, CancellationToken cancellationToken) =>
        ArriveAsync(() => _behind.SetPausedAsync(flow, paused, cancellationToken));

    public ValueTask<IReadOnlyList<PausedFlow>> GetPausedAsync(CancellationToken cancellationToken) =>
        _behind.GetPausedAsync(cancellationToken);

    public ValueTask<IReadOnlyList<HostRecord>> GetLivingHostsAsync(CancellationToken cancellationToken) =>
        _behind.GetLivingHostsAsync(cancellationToken);

    public ValueTask<IReadOnlyList<Guid>> GetOwnersAsync(CancellationToken cancellationToken) =>
        _behind.GetOwnersAsync(cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal async ValueTask<T> ArriveAsync<T>(Func<ValueTask<T>> write)
    {
        if (_dead)
            await _never.Task.ConfigureAwait(false);
        return await write().ConfigureAwait(false);
    }
}
