using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>The deployments of a <see cref="PostgreSqlStore"/>. They are written in the transaction that starts their runs (<see cref="StartRows"/>).</summary>
internal sealed class PostgreSqlDeployments(Func<Server> server, SchemaName schema, Receipts receipts, Hints hints, StartRows starts) : IDeploymentStore
{
    private readonly string _get = $"SELECT record FROM {schema}.deployments WHERE name = $1";
    private readonly string _list = $"SELECT record FROM {schema}.deployments WHERE name > $1 ORDER BY name LIMIT $2";
    private readonly string _due = $"SELECT record FROM {schema}.deployments WHERE next_at <= $1 ORDER BY next_at LIMIT $2";
    private readonly string _next = $"SELECT next_at FROM {schema}.deployments WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1";
    private readonly string _write = $"SELECT {schema}.write_deployments($1, $2, $3, $4)";
    private readonly string _started = $"SELECT key, run_id FROM {schema}.start_keys WHERE key_hash = ANY($1) AND run_id IS NOT NULL";

    public async ValueTask<DeploymentRecord?> GetAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        var found = await QueryAsync(batch => batch.Add(_get).With(Texts.Encode(name)), Map, cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    public async ValueTask<IReadOnlyList<DeploymentRecord>> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await QueryAsync(batch => batch.Add(_list).With(Texts.Encode(after ?? "")).With(limit), Map, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<DeploymentRecord>> GetDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await QueryAsync(batch => batch.Add(_due).With(now.ToDatabase()).With(limit), Map, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<DateTimeOffset?> GetNextDueAsync(CancellationToken cancellationToken)
    {
        var found = await QueryAsync(batch => batch.Add(_next), static row => row.Instant(0), cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    public async ValueTask<IReadOnlyList<StartedRun>?> TryWriteAsync(
        IReadOnlyList<DeploymentWrite> writes, IReadOnlyList<RunStart> runs, CancellationToken cancellationToken)
    {
        DeploymentWrite.Check(writes);
        StoreArguments.Check(runs);
        cancellationToken.ThrowIfCancellationRequested();
        var opened = server();
        var receipt = receipts.Take();
        var started = await opened.RunAsync(
            (Deployments: this, writes, runs, receipt),
            static (attempt, q, _) => q.Deployments.TryWriteAsync(attempt.Connection, q.writes, q.runs, q.receipt),
            new Attempts(),
            cancellationToken).ConfigureAwait(false);

        // Not after an error: the server may still have it, and must find its number taken when it comes to it.
        receipts.GiveBack(receipt);
        if (started is not null)
            hints.Tell();
        return started;
    }

    public async ValueTask<IReadOnlyDictionary<string, RunId>> FindStartedAsync(
        string flow, IReadOnlyCollection<string> idempotencyKeys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(idempotencyKeys);
        var hashes = idempotencyKeys.Select(key => StartPlan.HashOf(flow, StartKeyKind.Idempotency, key)).ToArray();
        var found = await QueryAsync(batch => batch.Add(_started).With(hashes), static row => (Key: row.Text(0), Run: row.Run(1)), cancellationToken).ConfigureAwait(false);
        return found.ToDictionary(started => started.Key, started => started.Run, StringComparer.Ordinal);
    }

    private async ValueTask<IReadOnlyList<StartedRun>?> TryWriteAsync(
        NpgsqlConnection connection, IReadOnlyList<DeploymentWrite> writes, IReadOnlyList<RunStart> runs, Receipt receipt)
    {
        try
        {
            return await starts.StartAsync(connection, runs, receipt, batch => Write(batch, writes)).ConfigureAwait(false);
        }
        catch (PostgresException e) when (RunLocks.IsRefused(e))
        {
            return null;
        }
    }

    private void Write(NpgsqlBatch batch, IReadOnlyList<DeploymentWrite> writes)
    {
        batch.Add(_write)
            .WithEach(writes, static write => Texts.Encode(write.Name))
            .WithEach(writes, static write => write.Expected)
            .WithEach(writes, static write => write.Kept is { } record ? Texts.Encode(DeploymentJson.Write(record)) : null)
            .WithEach(writes, static write => write.Record?.NextAt.ToDatabase());
        hints.Give(batch);
    }

    private ValueTask<List<T>> QueryAsync<T>(Action<NpgsqlBatch> fill, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return server().RunAsync(
            (fill, map),
            static async (connection, q, token) =>
            {
                var batch = new NpgsqlBatch(connection);
                await using (batch.ConfigureAwait(false))
                {
                    q.fill(batch);
                    return await batch.QueryAsync(q.map, token).ConfigureAwait(false);
                }
            },
            cancellationToken);
    }

    private static DeploymentRecord Map(NpgsqlDataReader row) => DeploymentJson.Read(row.Text(0));
}
