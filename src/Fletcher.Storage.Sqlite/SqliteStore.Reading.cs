using System.Runtime.CompilerServices;
using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

public sealed partial class SqliteStore
{
    private const int PageRows = 1000;

    /// <inheritdoc/>
    public ValueTask<FlowRunRecord?> GetFlowRunAsync(RunId run, CancellationToken cancellationToken) =>
        Readers.ReadAsync(run, FlowRunReader.Get, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RunId>> FindOverAsync(IReadOnlyCollection<RunId> runs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return await Readers.ReadAsync(runs, FlowRunReader.FindOver, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FlowRunRecord>> GetFlowRunsAsync(
        FlowRunQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, "query.Limit");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 1000, "query.Limit");
        return await Readers.ReadAsync(query, FlowRunReader.List, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FlowRunRecord>> FindUnfinishedAsync(
        string flow, ContentHash parametersHash, Guid exceptHost, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await Readers.ReadAsync(
            (flow, parametersHash, exceptHost, limit),
            static (reader, q) => FlowRunReader.FindUnfinished(reader, q.flow, q.parametersHash, q.exceptHost, q.limit),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<FlowRunRecord?> FindOnceAsync(string flow, string onceKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(onceKey);
        return Readers.ReadAsync(
            (flow, onceKey), static (reader, q) => FlowRunReader.FindOnce(reader, q.flow, q.onceKey), cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StepRunRecord> GetStepRunsAsync(
        RunId run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = long.MinValue;
        List<StepRunRecord> page;
        do
        {
            page = await Readers.ReadAsync(
                (run, last),
                static (reader, q) => StepRunReader.Page(reader, q.run, q.last, PageRows),
                cancellationToken).ConfigureAwait(false);
            foreach (var stepRun in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return stepRun;
                last = stepRun.Sequence;
            }
        }
        while (page.Count == PageRows);
    }

    /// <inheritdoc/>
    public ValueTask<StepRunRecord?> FindLastSuccessAsync(
        string flow, string step, RunId exceptRun, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(step);
        return Readers.ReadAsync(
            (flow, step, exceptRun),
            static (reader, q) => StepRunReader.FindLastSuccess(reader, q.flow, q.step, q.exceptRun),
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<CacheEntry?> FindCachedAsync(string step, ContentHash key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Readers.ReadAsync(
            (step, key), static (reader, q) => CacheReader.Find(reader, q.step, q.key), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LedgerEntry>> GetLedgerAsync(RunId run, CancellationToken cancellationToken) =>
        await Readers.ReadAsync(run, RunDetailReader.Ledger, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LogLine>> GetLogsAsync(
        RunId run, int? sequence, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return await Readers.ReadAsync(
            (run, sequence, limit),
            static (reader, q) => RunDetailReader.Logs(reader, q.run, q.sequence, q.limit),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ArtifactRecord>> GetArtifactsAsync(RunId run, CancellationToken cancellationToken) =>
        await Readers.ReadAsync(run, RunDetailReader.Artifacts, cancellationToken).ConfigureAwait(false);
}
