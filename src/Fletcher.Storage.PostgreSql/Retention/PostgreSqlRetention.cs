using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// What lets go of the runs of a <see cref="PostgreSqlStore"/>. Functions of the schema do it, each in a transaction and a round trip. All of it may be done twice: when an answer is lost, what was let go is
/// not there any more, and is counted by nobody.
/// </summary>
internal sealed class PostgreSqlRetention(Func<Server> server, SchemaName schema) : IRetentionStore
{
    /// <summary>For how long a large result stays that nobody refers to: a writer that found it there may be about to.</summary>
    private static readonly TimeSpan UnusedLife = TimeSpan.FromHours(1);

    /// <summary>A partition of this month may yet get rows of runs that are about to be written.</summary>
    private static readonly TimeSpan YoungestPartition = TimeSpan.FromDays(1);

    // Rather not now than keep others waiting: who writes meanwhile waits behind.
    private const string LockTimeout = "SET LOCAL lock_timeout = '500ms'";

    private readonly string _takeTurn =
        $"""
        INSERT INTO {schema}.retention_turns AS t (id, at) VALUES (1, $1)
        ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE t.at > $1 OR t.at <= $2
        RETURNING true
        """;

    private readonly string _putPolicy =
        $"INSERT INTO {schema}.flows (name, name_hash, retention) VALUES ($1, $2, $3) ON CONFLICT (name_hash) DO UPDATE SET retention = excluded.retention";

    private readonly string _policies = $"SELECT name, retention FROM {schema}.flows";
    private readonly string _prune = $"SELECT * FROM {schema}.prune_runs($1, $2, $3, $4, $5, $6, $7, $8)";
    private readonly string _find = $"SELECT * FROM {schema}.find_pruned($1, $2, $3, $4, $5, $6, $7, false)";
    private readonly string _drop = $"SELECT {schema}.drop_months($1)";
    private readonly string _clear = $"SELECT * FROM {schema}.clear_runs($1, $2)";
    private readonly string _forget = $"SELECT * FROM {schema}.forget($1, $2, $3, $4, $5, $6)";

    private readonly string _count =
        $"""
        SELECT (SELECT count(*) FROM {schema}.start_keys WHERE run_pruned_at < $1), (SELECT count(*) FROM {schema}.cached_results WHERE made_at < $2),
            (SELECT count(*) FROM {schema}.gone_hosts($3)), false
        """;

    private readonly string _keysForgotten = $"SELECT keys_forgotten_to FROM {schema}.flows WHERE name_hash = $1";

    public async ValueTask<bool> TryTakeTurnAsync(DateTimeOffset now, TimeSpan every, CancellationToken cancellationToken) =>
        (await QueryAsync(batch => batch.Add(_takeTurn).With(now.ToDatabase()).With((now - every).ToDatabase()), static row => row.GetBoolean(0), cancellationToken)
            .ConfigureAwait(false)).Count > 0;

    public async ValueTask PutPoliciesAsync(IReadOnlyDictionary<string, RetentionPolicy> policies, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(policies);
        if (policies.Count == 0)
            return;

        // In one order, so that hosts which start together cannot lock each other out.
        await QueryAsync(
            batch =>
            {
                foreach (var (flow, policy) in policies.OrderBy(static one => one.Key, StringComparer.Ordinal))
                    batch.Add(_putPolicy).With(Texts.Encode(flow)).With(Texts.Hash(flow)).With(RetentionJson.Write(policy));
            },
            static _ => true,
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyDictionary<string, RetentionPolicy?>> GetPoliciesAsync(CancellationToken cancellationToken) =>
        (await QueryAsync(batch => batch.Add(_policies), static row => (Flow: row.Text(0), Policy: row.TextOrNull(1)), cancellationToken).ConfigureAwait(false))
            .ToDictionary(static flow => flow.Flow, static flow => flow.Policy is { } text ? RetentionJson.Read(text) : null, StringComparer.Ordinal);

    public async ValueTask<EndedPlace?> FindPlaceAsync(string flow, RetentionKind kind, int skip, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        var found = await QueryAsync(batch => batch.Add(PlaceSql(kind)).With(Texts.Hash(flow)).With(skip), Place, cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    public async ValueTask<PrunedRuns> PruneAsync(PruneRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Limit, 1, "request.Limit");
        var after = request.After ?? EndedPlace.Before(DateTimeOffset.UnixEpoch);
        var looked = await QueryAsync(
            batch =>
            {
                var command = batch.Add(request.DryRun ? _find : _prune)
                    .With(Texts.Hash(request.Flow))
                    .With((int)request.Kind)
                    .With(after.EndedAt.ToDatabase())
                    .With(after.Run.Value)
                    .With(request.Through.EndedAt.ToDatabase())
                    .With(request.Through.Run.Value)
                    .With(request.Limit);
                if (!request.DryRun)
                    command.With(request.Now.ToDatabase());
            },
            static row => (Place: Place(row), IsNeeded: row.GetBoolean(2)),
            cancellationToken).ConfigureAwait(false);
        List<EndedPlace> free = [.. looked.Where(static run => !run.IsNeeded).Select(static run => run.Place)];
        return new PrunedRuns(free, looked.Count - free.Count, looked.Count == request.Limit ? looked[^1].Place : null);
    }

    public async ValueTask<int> DropAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var all = 0;
        try
        {
            int dropped;
            do
            {
                dropped = await server().RunAsync(
                    (_drop, before: (now - YoungestPartition).ToDatabase()), static (connection, q, token) => DropMonthAsync(connection, q._drop, q.before, token), cancellationToken).ConfigureAwait(false);
                all += dropped;
            }
            while (dropped > 0);
        }
        catch (StoreUnavailableException)
        {
            // A user who may not, or a server that is away: rows are deleted one by one, or later.
        }

        return all;
    }

    public async ValueTask<ClearedRows> ClearAsync(int rows, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return (await QueryAsync(
            batch => batch.Add(_clear).With(rows).With(now.ToDatabase()), static row => new ClearedRows(row.GetInt32(0), row.GetBoolean(1)), cancellationToken).ConfigureAwait(false))[0];
    }

    public async ValueTask<Forgotten> ForgetAsync(ForgetRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (await QueryAsync(
            batch =>
            {
                var command = batch.Add(request.DryRun ? _count : _forget)
                    .With(request.KeysBefore.ToDatabase())
                    .With(request.CachedBefore.ToDatabase())
                    .With(request.HostsBefore.ToDatabase());
                if (!request.DryRun)
                    command.With((request.Now - UnusedLife).ToDatabase()).With(request.Now.ToDatabase()).With(request.Limit);
            },
            static row => new Forgotten(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetBoolean(3)),
            cancellationToken).ConfigureAwait(false))[0];
    }

    public async ValueTask<DateTimeOffset?> GetKeysForgottenAsync(string flow, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var found = await QueryAsync(batch => batch.Add(_keysForgotten).With(Texts.Hash(flow)), static row => row.InstantOrNull(0), cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>The server's own vacuum makes the room free for what is written next.</summary>
    public ValueTask<GivenBack> GiveBackAsync(CancellationToken cancellationToken) => new(default(GivenBack));

    public ValueTask CompactAsync(CancellationToken cancellationToken) => throw StoreErrors.CompactWithVacuum(server());

    private static async ValueTask<int> DropMonthAsync(NpgsqlConnection connection, string drop, DateTime before, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(LockTimeout);
            batch.Add(drop).With(before);
            try
            {
                return (await batch.QueryAsync(static row => row.GetInt32(0), cancellationToken).ConfigureAwait(false))[0];
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
            {
                // Somebody writes all the time: another day.
                return 0;
            }
        }
    }

    // In the very words of the indexes, or these are not used.
    private string PlaceSql(RetentionKind kind) =>
        $"""
        SELECT r.ended_at, r.id FROM {schema}.flow_runs r
        WHERE r.flow_id = (SELECT f.id FROM {schema}.flows f WHERE f.name_hash = $1) AND r.root_run_id = r.id AND r.wake_at IS NULL AND {kind switch
        {
            RetentionKind.Good => "(r.state = 12 OR (r.state = 10 AND r.once_key IS NULL))",
            RetentionKind.Failed => "r.state IN (11, 13)",
            _ => "r.state = 10 AND r.once_key IS NOT NULL",
        }} AND r.ended_at IS NOT NULL
        ORDER BY r.ended_at DESC, r.id DESC LIMIT 1 OFFSET $2
        """;

    private static EndedPlace Place(NpgsqlDataReader row) => new(row.Instant(0), row.Run(1));

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
}
