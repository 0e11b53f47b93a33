using System.Runtime.CompilerServices;
using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

public sealed partial class PostgreSqlStore
{
    private const int PageRows = 1000;

    /// <inheritdoc/>
    public ValueTask<FlowRunRecord?> GetFlowRunAsync(RunId run, CancellationToken cancellationToken) => ReadAsync(
        (_flowRuns, run), static (connection, q, token) => q._flowRuns.GetAsync(connection, q.run, token), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RunId>> FindOverAsync(IReadOnlyCollection<RunId> runs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return await ReadAsync(
            (_flowRuns, runs), static (connection, q, token) => q._flowRuns.FindOverAsync(connection, q.runs, token), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FlowRunRecord>> GetFlowRunsAsync(FlowRunQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, "query.Limit");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 1000, "query.Limit");
        return await ReadAsync(
            (_flowRuns, query), static (connection, q, token) => q._flowRuns.ListAsync(connection, q.query, token), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FlowRunRecord>> FindUnfinishedAsync(
        string flow, ContentHash parametersHash, Guid exceptHost, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        _ = Opened;
        return await _unfinished.FindAsync(new UnfinishedQuery(flow, parametersHash, exceptHost, limit), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<FlowRunRecord?> FindOnceAsync(string flow, string onceKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(onceKey);
        return await ReadAsync(
            (_flowRuns, flow, onceKey),
            static (connection, q, token) => q._flowRuns.FindOnceAsync(connection, q.flow, q.onceKey, token),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FlowRunRecord>> GetRunsOfHostAsync(
        Guid hostId, RunId after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await ReadAsync(
            (_flowRuns, hostId, after, limit),
            static (connection, q, token) => q._flowRuns.OfHostAsync(connection, q.hostId, q.after, q.limit, token),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Guid>> GetOwnersAsync(CancellationToken cancellationToken) => await ReadAsync(
        _flowRuns, static (connection, flowRuns, token) => flowRuns.OwnersAsync(connection, token), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async IAsyncEnumerable<StepRunRecord> GetStepRunsAsync(RunId run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = -1L;
        List<StepRunRecord> page;
        do
        {
            page = await ReadAsync(
                (_stepRuns, run, last),
                static (connection, q, token) => q._stepRuns.PageAsync(connection, q.run, q.last, PageRows, token),
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
    public ValueTask<StepRunRecord?> FindLastSuccessAsync(string flow, string step, RunId exceptRun, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(step);
        return ReadAsync(
            (_stepRuns, flow, step, exceptRun),
            static (connection, q, token) => q._stepRuns.FindLastSuccessAsync(connection, q.flow, q.step, q.exceptRun, token),
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<CacheEntry?> FindCachedAsync(string step, ContentHash key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        return ReadAsync(
            (_details, step, key), static (connection, q, token) => q._details.CachedAsync(connection, q.step, q.key, token), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LedgerEntry>> GetLedgerAsync(RunId run, CancellationToken cancellationToken) => await ReadAsync(
        (_details, run), static (connection, q, token) => q._details.LedgerAsync(connection, q.run, token), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LogLine>> GetLogsAsync(RunId run, int? sequence, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return await ReadAsync(
            (_details, run, sequence, limit),
            static (connection, q, token) => q._details.LogsAsync(connection, q.run, q.sequence, q.limit, token),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ArtifactRecord>> GetArtifactsAsync(RunId run, CancellationToken cancellationToken) => await ReadAsync(
        (_details, run), static (connection, q, token) => q._details.ArtifactsAsync(connection, q.run, token), cancellationToken)
        .ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<HostRecord?> GetHostAsync(Guid host, CancellationToken cancellationToken) => ReadAsync(
        (_hosts, host), static (connection, q, token) => q._hosts.GetAsync(connection, q.host, token), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<HostRecord>> GetLivingHostsAsync(CancellationToken cancellationToken) => await ReadAsync(
        _hosts, static (connection, hosts, token) => hosts.LivingAsync(connection, token), cancellationToken).ConfigureAwait(false);

    private ValueTask<TResult> ReadAsync<TState, TResult>(
        TState state, Func<NpgsqlConnection, TState, CancellationToken, ValueTask<TResult>> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Opened.RunAsync(state, body, cancellationToken);
    }
}
