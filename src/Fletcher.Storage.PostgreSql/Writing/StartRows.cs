using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Creates runs for hosts to take, unless a key says that there is one. However many they are, they are one transaction: without keys one round trip,
/// with keys one more to lock the keys and to see who has them.
/// </summary>
internal sealed class StartRows(SchemaName schema, RecordRows records, RunLocks locks, Receipts receipts, Hints hints)
{
    // The only transaction of several round trips: when the connection is cut between them, the server ends it, and with it its locks, before whoever
    // tries again has run out of patience.
    private const string LimitIdling = "SET LOCAL idle_in_transaction_session_timeout = 5000";

    // Locks the keys to the end of the transaction, those that are new too: their rows, as advisory locks are few. In the order of the hashes.
    private readonly string _lockKeys =
        $"""
        INSERT INTO {schema}.start_keys AS k (key_hash, flow_id, kind, key)
        SELECT * FROM unnest($1::uuid[], $2::integer[], $3::smallint[], $4::text[]) n (key_hash, flow_id, kind, key) ORDER BY n.key_hash
        ON CONFLICT (key_hash) DO UPDATE SET kind = k.kind
        """;

    private readonly string _lockOnce = $"SELECT {schema}.lock_once($1)";

    // What may be replaced must not be claimed meanwhile. After the locks on the keys, so that it sees who had them before.
    private readonly string _lockReplaced =
        $"""
        SELECT 1 FROM {schema}.flow_runs
        WHERE id = ANY(ARRAY(SELECT run_id FROM {schema}.start_keys WHERE key_hash = ANY($1) AND kind = 3 AND run_id IS NOT NULL))
        ORDER BY id FOR NO KEY UPDATE
        """;

    private readonly string _holders =
        $"""
        SELECT {FlowRunReader.Columns}, h.hash
        FROM (
            SELECT key_hash AS hash, run_id FROM {schema}.start_keys WHERE key_hash = ANY($1)
            UNION ALL SELECT o.hash, {schema}.once_holder(o.hash) FROM unnest($2::uuid[]) o (hash)) h
        JOIN {schema}.flow_runs r ON r.id = h.run_id JOIN {schema}.flows f ON f.id = r.flow_id
        """;

    private readonly string _pruned =
        $"SELECT key_hash, run_id FROM {schema}.start_keys WHERE key_hash = ANY($1) AND kind = 1 AND run_pruned_at IS NOT NULL";

    private readonly string _note =
        $"""
        UPDATE {schema}.start_keys k SET run_id = n.run_id FROM unnest($1::uuid[], $2::uuid[]) n (key_hash, run_id) WHERE k.key_hash = n.key_hash
        """;

    private readonly string _dropUnused = $"DELETE FROM {schema}.start_keys WHERE key_hash = ANY($1) AND run_id IS NULL";

    private readonly string _noteOutcome =
        $"UPDATE {schema}.receipts SET claimed = $3, claimed_states = $4 WHERE writer = $1 AND lane = $2";

    private readonly string _outcome = $"SELECT claimed, claimed_states FROM {schema}.receipts WHERE writer = $1 AND lane = $2 AND number = $3";

    /// <summary>Starts the runs; an attempt with a receipt that was committed before answers what that one did.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="starts">The runs.</param>
    /// <param name="receipt">The number of the transaction.</param>
    /// <param name="first">Adds what is to be done in the same transaction, before anything else; it may refuse (<see cref="RunLocks.IsRefused"/>).</param>
    public async ValueTask<IReadOnlyList<StartedRun>> StartAsync(
        NpgsqlConnection connection, IReadOnlyList<RunStart> starts, Receipt receipt, Action<NpgsqlBatch>? first = null)
    {
        var flows = await records.FlowIdsAsync(connection, [.. starts.Select(static start => start.Run.Flow)]).ConfigureAwait(false);
        var plan = new StartPlan(starts, flows);
        try
        {
            if (!plan.HasKeys)
            {
                var batch = new NpgsqlBatch(connection);
                await using (batch.ConfigureAwait(false))
                {
                    receipts.Enter(batch, receipt);
                    first?.Invoke(batch);
                    await WriteAsync(batch, plan, receipt).ConfigureAwait(false);
                    return plan.Started;
                }
            }

            // What is made in a transaction of its own must be there before this one.
            var names = new NpgsqlBatch(connection);
            await using (names.ConfigureAwait(false))
                await records.PrepareAsync(names, plan.AllRuns).ConfigureAwait(false);
            var transaction = await connection.BeginTransactionAsync(CancellationToken.None).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                await LookAsync(connection, plan, receipt, first).ConfigureAwait(false);
                var batch = new NpgsqlBatch(connection);
                await using (batch.ConfigureAwait(false))
                    await WriteAsync(batch, plan, receipt).ConfigureAwait(false);
                await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            }

            return plan.Started;
        }
        catch (PostgresException e) when (Receipts.IsDone(e))
        {
            return await ReadOutcomeAsync(connection, plan, receipt).ConfigureAwait(false);
        }
    }

    private async ValueTask LookAsync(NpgsqlConnection connection, StartPlan plan, Receipt receipt, Action<NpgsqlBatch>? first)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(LimitIdling);
            receipts.Enter(batch, receipt);
            first?.Invoke(batch);
            if (plan.Keys.Count > 0)
            {
                batch.Add(_lockKeys)
                    .WithEach(plan.Keys, static key => key.Hash)
                    .WithEach(plan.Keys, static key => key.FlowId)
                    .WithEach(plan.Keys, static key => (short)key.Kind)
                    .WithEach(plan.Keys, static key => Texts.Encode(key.Key));
            }

            if (plan.OnceHashes.Length > 0)
                batch.Add(_lockOnce).With(plan.OnceHashes);
            batch.Add(_lockReplaced).With(plan.KeyHashes);
            batch.Add(_holders).With(plan.KeyHashes).With(plan.OnceHashes);
            batch.Add(_pruned).With(plan.KeyHashes);

            var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                do
                {
                    while (await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
                    {
                        if (reader.FieldCount > FlowRunReader.ColumnCount)
                            plan.Know(reader.GetGuid(FlowRunReader.ColumnCount), FlowRunReader.Map(reader));
                        else if (reader.FieldCount == 2)
                            plan.KnowPruned(reader.GetGuid(0), reader.Run(1));
                    }
                }
                while (await reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false));
            }
        }
    }

    private async ValueTask WriteAsync(NpgsqlBatch batch, StartPlan plan, Receipt receipt)
    {
        var written = plan.Decide();
        locks.Take(batch, written.FlowRuns);
        await records.PrepareAsync(batch, written).ConfigureAwait(false);
        records.Put(batch, written);
        if (plan.Noted.Count > 0)
        {
            KeyValuePair<Guid, RunId>[] noted = [.. plan.Noted];
            batch.Add(_note).WithEach(noted, static note => note.Key).WithEach(noted, static note => note.Value.Value);
        }

        if (plan.Keys.Count > plan.Noted.Count)
            batch.Add(_dropUnused).With(plan.KeyHashes);
        if (!plan.IsAllCreated)
        {
            batch.Add(_noteOutcome)
                .With(receipts.Writer)
                .With(receipt.Lane)
                .WithEach(plan.Started, static run => run.Run.Value)
                .WithEach(plan.Started, static run => (short)run.Outcome);
        }

        if (plan.IsAnythingNew)
            hints.Give(batch);
        await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async ValueTask<IReadOnlyList<StartedRun>> ReadOutcomeAsync(NpgsqlConnection connection, StartPlan plan, Receipt receipt)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_outcome).With(receipts.Writer).With(receipt.Lane).With(receipt.Number);
            var rows = await batch.QueryAsync(
                static row => row.IsDBNull(0) ? null : row.GetFieldValue<Guid[]>(0).Zip(
                    row.GetFieldValue<short[]>(1), static (run, outcome) => new StartedRun(new RunId(run), (StartOutcome)outcome)).ToArray(),
                CancellationToken.None).ConfigureAwait(false);
            return rows is [{ } started] ? started : plan.AsIfCreated();
        }
    }
}
