using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Writes flow runs, unless the store has them with a greater fence.</summary>
internal sealed class FlowRunRows(SchemaName schema, NameIds names, LaneIds lanes, ValueColumns values, TimeProvider time)
{
    private const string Columns =
        """
        id, flow_id, name, state, reason, parameters, parameters_hash, once_key, once_hash, parent_run_id, parent_sequence,
            root_run_id, forked_from, attempt, failures, crashes, next_attempt_at, expires_at, last_message, undoing_to, undoing_since,
            undoing_reason, created_at, started_at, ended_at, host_id, caller_host_id, fence, result_format, result, result_hash, result_length,
            error, code_version, tags, lane_id, priority, queue, labels, fairness_key, wake_at
        """;

    // One that begins to wait without a host is due now if its family was sent something that it has not seen and that can wake it.
    private readonly string _put =
        $"""
        INSERT INTO {schema}.flow_runs AS r ({Columns})
        SELECT g.id, flow_id, name, state, reason, parameters, parameters_hash, once_key, once_hash, parent_run_id, parent_sequence,
            root_run_id, forked_from, attempt, failures, crashes, next_attempt_at, expires_at, last_message, undoing_to, undoing_since,
            undoing_reason, created_at, started_at, ended_at, host_id, caller_host_id, fence, result_format, result, result_hash, result_length,
            error, code_version, tags, lane_id, priority, queue, labels, fairness_key,
            CASE WHEN g.root_run_id = g.id AND g.host_id IS NULL AND g.state IN (1, 3) AND EXISTS (
                    SELECT 1 FROM {schema}.messages m WHERE m.root_run_id = g.id AND m.number > g.last_message
                        AND (m.kind IN (2, 4, 5) OR NOT (g.state = 3 AND g.error IS NOT NULL AND g.undoing_to IS NULL)))
                THEN least(coalesce(g.wake_at, $42), $42) ELSE g.wake_at END
        FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::smallint[], $5::text[], $6::bytea[], $7::uuid[], $8::text[], $9::uuid[],
            $10::uuid[], $11::integer[], $12::uuid[], $13::uuid[], $14::integer[], $15::integer[], $16::integer[], $17::timestamptz[],
            $18::timestamptz[], $19::bigint[], $20::smallint[], $21::timestamptz[], $22::text[], $23::timestamptz[], $24::timestamptz[],
            $25::timestamptz[], $26::uuid[], $27::uuid[], $28::bigint[], $29::smallint[], $30::bytea[], $31::uuid[], $32::bigint[],
            $33::text[], $34::text[], $35::text[], $36::integer[], $37::integer[], $38::text[],
            $39::text[], $40::text[], $41::timestamptz[]) g ({Columns})
        ON CONFLICT (id) DO UPDATE SET flow_id = excluded.flow_id, name = excluded.name, state = excluded.state, reason = excluded.reason,
            parameters = excluded.parameters, parameters_hash = excluded.parameters_hash, once_key = excluded.once_key,
            once_hash = excluded.once_hash, parent_run_id = excluded.parent_run_id, parent_sequence = excluded.parent_sequence,
            root_run_id = excluded.root_run_id, forked_from = excluded.forked_from, attempt = excluded.attempt,
            failures = excluded.failures, crashes = excluded.crashes, next_attempt_at = excluded.next_attempt_at,
            expires_at = excluded.expires_at, last_message = excluded.last_message, undoing_to = excluded.undoing_to,
            undoing_since = excluded.undoing_since, undoing_reason = excluded.undoing_reason, created_at = excluded.created_at,
            started_at = excluded.started_at, ended_at = excluded.ended_at, host_id = excluded.host_id,
            caller_host_id = excluded.caller_host_id, fence = excluded.fence, result_format = excluded.result_format,
            result = excluded.result, result_hash = excluded.result_hash, result_length = excluded.result_length, error = excluded.error,
            code_version = excluded.code_version, tags = excluded.tags, lane_id = excluded.lane_id, priority = excluded.priority,
            queue = excluded.queue, labels = excluded.labels, fairness_key = excluded.fairness_key, wake_at = excluded.wake_at
        WHERE r.fence <= excluded.fence
        """;

    /// <summary>
    /// Writes the runs. The caller has locked those that are there before this statement: so it sees the messages that were sent to them.
    /// </summary>
    public void Put(NpgsqlBatch batch, IReadOnlyList<FlowRunRecord> runs)
    {
        if (runs.Count == 0)
            return;

        var rows = Last(runs);
        batch.Add(_put)
            .WithEach(rows, static run => run.Id.Value)
            .WithEach(rows, run => names.OfFlow(run.Flow))
            .WithEach(rows, static run => Texts.Encode(run.Name))
            .WithEach(rows, static run => (short)run.State)
            .WithEach(rows, static run => Texts.Encode(run.Reason))
            .WithEach(rows, static run => run.Parameters)
            .WithEach(rows, static run => run.ParametersHash.ToGuid())
            .WithEach(rows, static run => Texts.Encode(run.OnceKey))
            .WithEach(rows, static run => OnceHash(run))
            .WithEach(rows, static run => run.ParentRunId?.Value)
            .WithEach(rows, static run => run.ParentSequence)
            .WithEach(rows, static run => run.RootRunId.Value)
            .WithEach(rows, static run => run.ForkedFrom?.Value)
            .WithEach(rows, static run => run.Attempt)
            .WithEach(rows, static run => run.Failures)
            .WithEach(rows, static run => run.Crashes)
            .WithEach(rows, static run => run.NextAttemptAt.ToDatabase())
            .WithEach(rows, static run => run.ExpiresAt.ToDatabase())
            .WithEach(rows, static run => run.LastMessage)
            .WithEach(rows, static run => (short?)run.Undoing?.To)
            .WithEach(rows, static run => run.Undoing?.Since.ToDatabase())
            .WithEach(rows, static run => Texts.Encode(run.Undoing?.Reason))
            .WithEach(rows, static run => run.CreatedAt.ToDatabase())
            .WithEach(rows, static run => run.StartedAt.ToDatabase())
            .WithEach(rows, static run => run.EndedAt.ToDatabase())
            .WithEach(rows, static run => run.HostId)
            .WithEach(rows, static run => run.CallerHostId)
            .WithEach(rows, static run => run.Fence)
            .WithEach(rows, static run => ValueColumns.Format(run.Result))
            .WithEach(rows, run => values.Content(run.Result))
            .WithEach(rows, run => values.Hash(run.Result))
            .WithEach(rows, run => values.Length(run.Result))
            .WithEach(rows, static run => ErrorJson.Write(run.Error))
            .WithEach(rows, static run => Texts.Encode(run.CodeVersion))
            .WithEach(rows, static run => TextListJson.Write(run.Tags))
            .WithEach(rows, lanes.Of)
            .WithEach(rows, static run => run.Priority)
            .WithEach(rows, static run => run.Queue == FlowRunRecord.DefaultQueue ? null : Texts.Encode(run.Queue))
            .WithEach(rows, static run => TextListJson.Write(run.Labels))
            .WithEach(rows, static run => Texts.Encode(run.FairnessKey))
            .WithEach(rows, static run => run.WakeAt.ToDatabase())
            .With(time.GetUtcNow().ToDatabase());
    }

    /// <summary>By what a run is found that has this key.</summary>
    public static Guid OnceHash(string flow, string key) => Texts.Hash($"{flow.Length}:{flow}{key}");

    public static Guid? OnceHash(FlowRunRecord run) => run.OnceKey is { } key ? OnceHash(run.Flow, key) : null;

    // Each run once, as if they were written one after the other: a statement may write a row only once. By id, as locks are taken.
    private static IReadOnlyList<FlowRunRecord> Last(IReadOnlyList<FlowRunRecord> runs)
    {
        if (runs.Count == 1)
            return runs;

        var last = new Dictionary<RunId, FlowRunRecord>(runs.Count);
        foreach (var run in runs)
        {
            if (!last.TryGetValue(run.Id, out var known) || known.Fence <= run.Fence)
                last[run.Id] = run;
        }

        return [.. last.Values.OrderBy(static run => run.Id)];
    }
}
