using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// Keeps runs in the memory of this process: for tests, for trying out, and for flows that need no resume. What is written is
/// kept as it is, not copied, until its run is let go (<see cref="Retention"/>).
/// </summary>
public sealed partial class MemoryStore : IRunStore
{
    private readonly TimeProvider _time;
    // Guards everything below. Each write is a few assignments, so readers and writers hardly meet.
    private readonly Lock _gate = new();
    private readonly Dictionary<RunId, MemoryRun> _runs = [];
    private readonly MemoryRunIndex _index = new();
    private readonly MemoryOwnerIndex _owners = new();
    private readonly MemoryMessages _messages = new();
    private readonly MemoryQuestions _questions = new();
    private readonly Dictionary<string, PausedFlow> _paused = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Flow, string Step), MemoryLastSuccess> _lastSuccesses = [];
    private readonly Dictionary<(string Step, ContentHash Key), CacheEntry> _cache = [];
    private readonly Dictionary<Guid, HostRecord> _hosts = [];
    private readonly SortedDictionary<string, FlowRecord> _flows = new(StringComparer.Ordinal);
    private readonly MemoryStartKeys _startKeys = new();
    private readonly ListenerList _listeners = new();
    private readonly MemoryLimits _limits;
    private readonly MemoryDeployments _deployments;
    private readonly MemoryRetention _retention;

    /// <summary>Makes an empty store.</summary>
    /// <param name="time">The clock by which runs that a message wakes are due. Default: the system's.</param>
    public MemoryStore(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _limits = new MemoryLimits(_gate, _time, FindRun);
        _deployments = new MemoryDeployments(
            _gate, Start, (flow, key) => _startKeys.Find(flow, StartKeyKind.Idempotency, key), NoteChange);
        _retention = new MemoryRetention(_gate, _runs, _startKeys, _cache, _hosts, Remove, host => _owners.Hosts.Contains(host));
    }

    /// <inheritdoc/>
    public string Description => "memory";

    /// <inheritdoc/>
    public bool IsVolatile => true;

    /// <inheritdoc/>
    public ILimitStore Limits => _limits;

    /// <inheritdoc/>
    public IDeploymentStore Deployments => _deployments;

    /// <inheritdoc/>
    public IVariableStore Variables { get; } = new MemoryVariables();

    /// <inheritdoc/>
    public IRetentionStore Retention => _retention;

    /// <inheritdoc/>
    public ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        WriteBatchCheck.Check(batch);
        lock (_gate)
        {
            CheckLeases(batch);
            Write(batch);
        }

        _limits.Tell();
        return ValueTask.CompletedTask;
    }

    /// <summary>Does nothing: what is in memory stays there as long as the store is referred to.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Write(WriteBatch batch)
    {
        foreach (var run in batch.FlowRuns)
            Put(run);

        MemoryRun? kept = null;
        foreach (var stepRun in batch.StepRuns)
        {
            // Most batches are of one run, and most rows follow one of the same step.
            if (kept is null || kept.Id != stepRun.RunId)
                kept = Of(stepRun.RunId);
            kept.StepRuns.Put(stepRun);
            if (stepRun.State == StepRunState.Completed)
                NoteSuccess(kept, stepRun);
        }

        foreach (var entry in batch.Ledger)
            Of(entry.RunId).Ledger.Add(entry);
        foreach (var line in batch.Logs)
            Of(line.RunId).Logs.Add(line);
        foreach (var artifact in batch.Artifacts)
            Of(artifact.RunId).Artifacts[(artifact.Sequence, artifact.Key)] = artifact;
        foreach (var entry in batch.Cache)
            Put(entry);
        foreach (var question in batch.Questions)
            _questions.Put(question);
        foreach (var message in batch.Messages)
        {
            if (FindRun(message.RunId) is { } recipient)
            {
                _messages.Add(message, recipient.RootRunId);
                NoteChange();
            }
        }

        foreach (var taken in batch.Taken)
            _messages.Take(taken);
    }

    private void Put(FlowRunRecord run)
    {
        var kept = Of(run.Id);
        if (kept.Run is { } older)
        {
            if (older.Fence > run.Fence)
                return;
            _index.Remove(older);
            _owners.Remove(older);
        }

        if (IsParkedRoot(run) && _messages.LastTo(run) > run.LastMessage)
            run = run with { WakeAt = Earlier(run.WakeAt, _time.GetUtcNow()) };
        kept.Run = run;
        _index.Add(run);
        _owners.Add(run);
        if (run.IsLookedFor())
            NoteChange();
        _limits.Free(run);
    }

    private void CheckLeases(WriteBatch batch)
    {
        HashSet<RunLease>? lost = null;
        foreach (var lease in batch.Leases.Values)
        {
            if (FindRun(lease.Root) is { } root && root.Fence > lease.Fence)
                (lost ??= []).Add(lease);
        }

        if (lost is not null)
            throw new LeasesLostException(lost);
    }

    /// <summary>Forgets a run and all that it consists of, but for its keys.</summary>
    private void Remove(FlowRunRecord run)
    {
        _index.Remove(run);
        _owners.Remove(run);
        _runs.Remove(run.Id);
        _questions.Remove(run.Id);
        if (run.RootRunId == run.Id)
            _messages.Remove(run.Id);
    }

    private FlowRunRecord? FindRun(RunId id) => _runs.TryGetValue(id, out var kept) ? kept.Run : null;

    private static bool IsParkedRoot(FlowRunRecord run) =>
        run.RootRunId == run.Id && run.HostId is null && run.State is (FlowRunState.Waiting or FlowRunState.Queued);

    private static bool IsScheduledRoot(FlowRunRecord run) =>
        run.RootRunId == run.Id && run.HostId is null && run.State == FlowRunState.Scheduled;

    private static DateTimeOffset Earlier(DateTimeOffset? given, DateTimeOffset now) => given < now ? given.Value : now;

    private void Put(CacheEntry entry)
    {
        var key = (entry.Step, entry.Key);
        if (!_cache.TryGetValue(key, out var known) || known.MadeAt <= entry.MadeAt)
            _cache[key] = entry;
    }

    private MemoryRun Of(RunId id)
    {
        if (!_runs.TryGetValue(id, out var kept))
            _runs[id] = kept = new MemoryRun(id);
        return kept;
    }

    private void NoteSuccess(MemoryRun kept, StepRunRecord stepRun)
    {
        if (kept.Run is not { } run)
            return;

        if (!ReferenceEquals(kept.LastStep, stepRun.Step))
        {
            var key = (run.Flow, stepRun.Step.Name);
            if (!_lastSuccesses.TryGetValue(key, out var last))
                _lastSuccesses[key] = last = new MemoryLastSuccess(stepRun);
            kept.LastStep = stepRun.Step;
            kept.LastSuccess = last;
        }

        kept.LastSuccess!.Note(stepRun);
    }
}
