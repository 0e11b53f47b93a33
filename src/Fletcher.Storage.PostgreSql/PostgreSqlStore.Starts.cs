using Fletcher.Model;

namespace Fletcher.Storage.PostgreSql;

public sealed partial class PostgreSqlStore
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StartedRun>> StartAsync(IReadOnlyList<RunStart> starts, CancellationToken cancellationToken)
    {
        StoreArguments.Check(starts);
        cancellationToken.ThrowIfCancellationRequested();
        var server = Opened;
        if (starts.Count == 0)
            return [];

        var receipt = _receipts.Take();
        var started = await server.RunAsync(
            (_starts, starts, receipt),
            static (attempt, q, _) => q._starts.StartAsync(attempt.Connection, q.starts, q.receipt),
            new Attempts(),
            cancellationToken).ConfigureAwait(false);

        // Not after an error: the server may still have it, and must find its number taken when it comes to it.
        _receipts.GiveBack(receipt);
        if (started.Any(static run => run.Outcome != StartOutcome.Found))
            _hints.Tell();
        return started;
    }

    /// <inheritdoc/>
    public async ValueTask PutFlowsAsync(IReadOnlyList<FlowRecord> flows, CancellationToken cancellationToken)
    {
        StoreArguments.Check(flows);
        cancellationToken.ThrowIfCancellationRequested();
        _ = Opened;
        await OnceAsync(
            (Store: this, flows),
            static async (batch, put) =>
            {
                var ids = await put.Store._records.FlowIdsAsync(batch.Connection!, [.. put.flows.Select(static flow => flow.Name)]).ConfigureAwait(false);
                put.Store._flows.Put(batch, put.flows, ids);
            },
            isLookedFor: true,
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FlowRecord>> GetFlowsAsync(CancellationToken cancellationToken) => await ReadAsync(
        _flows, static (connection, flows, token) => flows.ListAsync(connection, token), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<FlowRecord?> GetFlowAsync(string flow, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return ReadAsync((_flows, flow), static (connection, q, token) => q._flows.GetAsync(connection, q.flow, token), cancellationToken);
    }
}
