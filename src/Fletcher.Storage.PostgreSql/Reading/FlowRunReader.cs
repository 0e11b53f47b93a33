using System.Text;
using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Reads flow runs.</summary>
internal sealed class FlowRunReader(SchemaName schema)
{
    /// <summary>How many columns <see cref="Map"/> reads.</summary>
    public const int ColumnCount = 39;

    /// <summary>The columns that <see cref="Map"/> reads, of a run r and its flow f.</summary>
    public const string Columns =
        """
        r.id, f.name, r.name, r.state, r.reason, r.parameters, r.parameters_hash, r.once_key, r.parent_run_id, r.parent_sequence,
            r.root_run_id, r.attempt, r.created_at, r.started_at, r.ended_at, r.host_id, r.fence, r.result_format, r.result, r.result_hash,
            r.result_length, r.error, r.code_version, r.tags, r.failures, r.next_attempt_at, r.wake_at, r.crashes, r.last_message,
            r.undoing_to, r.undoing_since, r.undoing_reason, r.forked_from, r.expires_at, r.caller_host_id, r.priority,
            r.queue, r.labels, r.fairness_key
        """;

    private readonly string _select = $"SELECT {Columns} FROM {schema}.flow_runs r JOIN {schema}.flows f ON f.id = r.flow_id";

    // Three ranges of the index: 'IS DISTINCT FROM' alone would visit every run of the excepted host.
    private readonly string _unfinished =
        $"""
        WITH unfinished AS NOT MATERIALIZED (
            SELECT id, host_id FROM {schema}.flow_runs
            WHERE flow_id = (SELECT id FROM {schema}.flows WHERE name_hash = $1) AND parameters_hash = $2
                AND parent_run_id IS NULL AND state NOT IN (10, 12)
        ), ids AS (
            SELECT id FROM unfinished WHERE host_id < $3
            UNION ALL SELECT id FROM unfinished WHERE host_id > $3
            UNION ALL SELECT id FROM unfinished WHERE host_id IS NULL
            ORDER BY id DESC LIMIT $4
        )
        SELECT {Columns} FROM ids JOIN {schema}.flow_runs r ON r.id = ids.id JOIN {schema}.flows f ON f.id = r.flow_id ORDER BY r.id DESC
        """;

    // By itself for each: as a join it might be planned as one with all runs.
    private readonly string _over =
        $"""
        SELECT q.id FROM unnest($1) AS q (id)
        WHERE NOT coalesce((SELECT r.state < 10 OR r.wake_at IS NOT NULL FROM {schema}.flow_runs r WHERE r.id = q.id), false)
        """;

    // Jumps from host to host in the index; DISTINCT would visit each of their runs.
    private readonly string _owners =
        $"""
        WITH RECURSIVE owners (id) AS (
            (SELECT host_id FROM {schema}.flow_runs WHERE root_run_id = id AND host_id IS NOT NULL AND state < 10 ORDER BY host_id LIMIT 1)
            UNION ALL
            SELECT (SELECT host_id FROM {schema}.flow_runs
                WHERE root_run_id = id AND host_id IS NOT NULL AND state < 10 AND host_id > owners.id ORDER BY host_id LIMIT 1)
            FROM owners WHERE owners.id IS NOT NULL
        )
        SELECT id FROM owners WHERE id IS NOT NULL
        """;

    public async ValueTask<FlowRunRecord?> GetAsync(NpgsqlConnection connection, RunId run, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_select + " WHERE r.id = $1").With(run.Value);
            return (await batch.QueryAsync(Map, cancellationToken).ConfigureAwait(false)).FirstOrDefault();
        }
    }

    public async ValueTask<List<RunId>> FindOverAsync(NpgsqlConnection connection, IReadOnlyCollection<RunId> runs, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_over).With(runs.Select(static run => run.Value).ToArray());
            return await batch.QueryAsync(static row => new RunId(row.GetGuid(0)), cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<FlowRunRecord?> FindOnceAsync(NpgsqlConnection connection, string flow, string key, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_select + " WHERE r.once_hash = $1 AND (r.state <= 10 OR r.wake_at IS NOT NULL) ORDER BY r.id DESC LIMIT 1")
                .With(FlowRunRows.OnceHash(flow, key));
            return (await batch.QueryAsync(Map, cancellationToken).ConfigureAwait(false)).FirstOrDefault();
        }
    }

    /// <summary>The answers to several questions, in their order.</summary>
    public async ValueTask<List<List<FlowRunRecord>>> FindUnfinishedAsync(
        NpgsqlConnection connection, List<UnfinishedQuery> queries, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            foreach (var query in queries)
                batch.Add(_unfinished).With(Texts.Hash(query.Flow)).With(query.ParametersHash.ToGuid()).With(query.ExceptHost).With(query.Limit);
            return await batch.QueryEachAsync(Map, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<List<FlowRunRecord>> OfHostAsync(
        NpgsqlConnection connection, Guid host, RunId after, int limit, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_select + " WHERE r.root_run_id = r.id AND r.host_id IS NOT NULL AND r.state < 10 AND r.host_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3")
                .With(host).With(after.Value).With(limit);
            return await batch.QueryAsync(Map, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<List<Guid>> OwnersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_owners);
            return await batch.QueryAsync(static row => row.GetGuid(0), cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<List<FlowRunRecord>> ListAsync(NpgsqlConnection connection, FlowRunQuery query, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            // A text for each combination of conditions, so that each is planned with the index that fits.
            var command = batch.Add("");
            var sql = new StringBuilder(_select).Append(" WHERE true");
            if (query.Flow is { } flow)
                Condition($"r.flow_id = (SELECT id FROM {schema}.flows WHERE name_hash = ", Texts.Hash(flow), ")");
            if (query.Parent is { } parent)
                Condition("r.parent_run_id = ", parent.Value, "");
            if (query.Before is { } before)
                Condition("r.id < ", before.Value, "");
            if (query.NotBefore is { } first)
                Condition("r.id >= ", first.Value, "");
            if (query.States.Count > 0)
                Condition("r.state = ANY(", query.States.Select(static state => (short)state).Distinct().Order().ToArray(), ")");
            // Most runs are told by the text alone, which may hold the tag in another place too.
            foreach (var tag in query.Tags.Select(TextListJson.WriteOne))
            {
                Condition("strpos(r.tags, ", tag, ") > 0");
                Condition("EXISTS (SELECT 1 FROM json_array_elements(r.tags::json) t WHERE t::text = ", tag, ")");
            }

            command.CommandText = sql.Append(" ORDER BY r.id DESC LIMIT $").Append(command.Parameters.Count + 1).ToString();
            command.With(query.Limit);
            return await batch.QueryAsync(Map, cancellationToken).ConfigureAwait(false);

            void Condition<T>(string before, T value, string after)
            {
                command.With(value);
                sql.Append(" AND ").Append(before).Append('$').Append(command.Parameters.Count).Append(after);
            }
        }
    }

    public static FlowRunRecord Map(NpgsqlDataReader row) => new()
    {
        Id = row.Run(0),
        Flow = row.Text(1),
        Name = row.TextOrNull(2),
        State = (FlowRunState)row.GetInt16(3),
        Reason = row.TextOrNull(4),
        Parameters = row.Bytes(5),
        ParametersHash = row.Hash(6),
        OnceKey = row.TextOrNull(7),
        ParentRunId = row.RunOrNull(8),
        ParentSequence = row.GetInt32(9),
        RootRunId = row.Run(10),
        Attempt = row.GetInt32(11),
        CreatedAt = row.Instant(12),
        StartedAt = row.InstantOrNull(13),
        EndedAt = row.InstantOrNull(14),
        HostId = row.GuidOrNull(15),
        Fence = row.GetInt64(16),
        Result = row.Value(17),
        Error = row.Error(21),
        CodeVersion = row.TextOrNull(22),
        Tags = row.TextList(23),
        Failures = row.GetInt32(24),
        NextAttemptAt = row.InstantOrNull(25),
        WakeAt = row.InstantOrNull(26),
        Crashes = row.GetInt32(27),
        LastMessage = row.GetInt64(28),
        Undoing = row.IsDBNull(29) ? null : new UndoingRecord((FlowRunState)row.GetInt16(29), row.Instant(30), row.TextOrNull(31)),
        ForkedFrom = row.RunOrNull(32),
        ExpiresAt = row.InstantOrNull(33),
        CallerHostId = row.GuidOrNull(34),
        Priority = row.GetInt32(35),
        Queue = row.TextOrNull(36) ?? FlowRunRecord.DefaultQueue,
        Labels = row.TextList(37),
        FairnessKey = row.Text(38),
    };
}
