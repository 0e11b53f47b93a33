using System.Runtime.CompilerServices;
using Fletcher.Model;

namespace Fletcher.Storage;

public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    public ValueTask<FlowRunRecord?> GetFlowRunAsync(RunId run, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_runs.TryGetValue(run, out var kept) ? kept.Run : null);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RunId>> FindOverAsync(IReadOnlyCollection<RunId> runs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runs);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new([.. runs.Where(run => _runs.GetValueOrDefault(run)?.Run is not { IsOver: false })]);
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
                && (query.NotBefore is null || run.Id >= query.NotBefore)
                && query.Tags.All(run.Tags.Contains)
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

    // The step run may have been written again since, with another end.
    private StepRunRecord? StillSuccess(StepRunRecord? noted, RunId exceptRun) =>
        noted is not null
        && noted.RunId != exceptRun
        && _runs.TryGetValue(noted.RunId, out var run)
        && run.StepRuns.Get(noted.Sequence) is { State: StepRunState.Completed } current
        && current.Step.Name == noted.Step.Name
            ? current
            : null;

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
