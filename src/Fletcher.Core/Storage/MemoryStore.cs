using System.Runtime.CompilerServices;
using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// Keeps runs in the memory of this process: for tests, for trying out, and for flows that need no resume. What is written is
/// kept as it is, not copied, and nothing is ever thrown away.
/// </summary>
public sealed class MemoryStore : IRunStore
{
    // Guards everything below. Each write is a few assignments, so readers and writers hardly meet.
    private readonly Lock _gate = new();
    private readonly Dictionary<RunId, MemoryRun> _runs = [];
    private readonly MemoryRunIndex _index = new();
    private readonly Dictionary<(string Flow, string Step), MemoryLastSuccess> _lastSuccesses = [];
    private readonly Dictionary<(string Step, ContentHash Key), CacheEntry> _cache = [];
    private readonly Dictionary<Guid, HostRecord> _hosts = [];

    /// <inheritdoc/>
    public string Description => "memory";

    /// <inheritdoc/>
    public bool IsVolatile => true;

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
            Write(batch);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<FlowRunRecord?> TryCreateOnceAsync(FlowRunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.OnceKey is null)
            throw new ArgumentException($"Run {run.Id} of flow '{run.Flow}' has no OnceKey.", nameof(run));

        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var existing = FindOnce(run.Flow, run.OnceKey);
            if (existing is null)
                Put(run);
            return new(existing);
        }
    }

    /// <inheritdoc/>
    public ValueTask<FlowRunRecord?> TryClaimAsync(
        RunId run, long expectedFence, Guid hostId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (!_runs.TryGetValue(run, out var kept) || kept.Run is not { } found || found.Fence != expectedFence)
                return new((FlowRunRecord?)null);
            if (found.OnceKey is { } key && FindOnce(found.Flow, key) is { } other && other.Id != run)
                return new((FlowRunRecord?)null);

            var claimed = found with
            {
                State = FlowRunState.Running,
                Fence = found.Fence + 1,
                Attempt = found.Attempt + 1,
                HostId = hostId,
                StartedAt = found.StartedAt ?? now,
                EndedAt = null,
                Error = null,
                Reason = null,
            };
            Put(claimed);
            return new(claimed);
        }
    }

    /// <inheritdoc/>
    public ValueTask<FlowRunRecord?> GetFlowRunAsync(RunId run, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_runs.TryGetValue(run, out var kept) ? kept.Run : null);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<FlowRunRecord>> GetFlowRunsAsync(FlowRunQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, "query.Limit");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 1000, "query.Limit");
        cancellationToken.ThrowIfCancellationRequested();
        return new(Select(
            run => (query.Flow is null || run.Flow == query.Flow)
                && (query.States.Count == 0 || query.States.Contains(run.State))
                && (query.Parent is null || run.ParentRunId == query.Parent)
                && (query.Before is null || run.Id < query.Before),
            query.Limit));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<FlowRunRecord>> FindUnfinishedAsync(
        string flow, ContentHash parametersHash, Guid exceptHost, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return new(
            [
                .. _index.Unfinished(flow, parametersHash, exceptHost).OrderDescending().Take(limit)
                    .Select(run => _runs[run].Run!),
            ]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<FlowRunRecord?> FindOnceAsync(string flow, string onceKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(onceKey);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(FindOnce(flow, onceKey));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StepRunRecord> GetStepRunsAsync(
        RunId run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        StepRunRecord[] stepRuns;
        lock (_gate)
            stepRuns = _runs.TryGetValue(run, out var kept) ? kept.StepRuns.ToArray() : [];

        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var stepRun in stepRuns)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return stepRun;
        }
    }

    /// <inheritdoc/>
    public ValueTask<StepRunRecord?> FindLastSuccessAsync(
        string flow, string step, RunId exceptRun, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(step);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (!_lastSuccesses.TryGetValue((flow, step), out var last))
                return new((StepRunRecord?)null);
            return new(StillSuccess(last.Newest, exceptRun) ?? StillSuccess(last.PreviousOfOtherRun, exceptRun));
        }
    }

    /// <inheritdoc/>
    public ValueTask<CacheEntry?> FindCachedAsync(string step, ContentHash key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_cache.GetValueOrDefault((step, key)));
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> ReadValueAsync(StoredValue value, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(value);
        cancellationToken.ThrowIfCancellationRequested();
        return value.Content is { } content
            ? new(content)
            : throw new ArgumentException($"'{value.Reference}' is not a reference that this store gave out.", nameof(value));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LedgerEntry>> GetLedgerAsync(RunId run, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_runs.TryGetValue(run, out var kept) ? [.. kept.Ledger] : []);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LogLine>> GetLogsAsync(
        RunId run, int? sequence, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return new(_runs.TryGetValue(run, out var kept)
                ? [.. kept.Logs.Where(line => sequence is null || line.Sequence == sequence).TakeLast(limit)]
                : []);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ArtifactRecord>> GetArtifactsAsync(RunId run, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return new(_runs.TryGetValue(run, out var kept)
                ? [.. kept.Artifacts.Values.OrderBy(a => a.At).ThenBy(a => a.Sequence).ThenBy(a => a.Key, StringComparer.Ordinal)]
                : []);
        }
    }

    /// <inheritdoc/>
    public ValueTask PutHostAsync(HostRecord host, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            _hosts[host.Id] = host;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<HostRecord?> GetHostAsync(Guid host, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_hosts.GetValueOrDefault(host));
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
    }

    private void Put(FlowRunRecord run)
    {
        var kept = Of(run.Id);
        if (kept.Run is { } older)
        {
            if (older.Fence > run.Fence)
                return;
            _index.Remove(older);
        }

        kept.Run = run;
        _index.Add(run);
    }

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

    // The step run may have been written again since, with another end.
    private StepRunRecord? StillSuccess(StepRunRecord? noted, RunId exceptRun) =>
        noted is not null
        && noted.RunId != exceptRun
        && _runs[noted.RunId].StepRuns.Get(noted.Sequence) is { State: StepRunState.Completed } current
        && current.Step.Name == noted.Step.Name
            ? current
            : null;

    private FlowRunRecord? FindOnce(string flow, string onceKey) =>
        _index.Once(flow, onceKey) is { } id ? _runs[id].Run : null;

    private IReadOnlyList<FlowRunRecord> Select(Func<FlowRunRecord, bool> condition, int limit)
    {
        lock (_gate)
        {
            return
            [
                .. _runs.Values.Select(static kept => kept.Run).OfType<FlowRunRecord>().Where(condition)
                    .OrderByDescending(static run => run.Id).Take(limit),
            ];
        }
    }
}
