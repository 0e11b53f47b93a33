using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Pauses flows and resumes them.</summary>
internal sealed class PauseRows(SchemaName schema, TimeProvider time)
{
    private readonly string _pause =
        $"""
        INSERT INTO {schema}.paused_flows AS p (flow_id, at, actor, reason) VALUES ($1, $2, $3, $4)
        ON CONFLICT (flow_id) DO UPDATE SET at = excluded.at, actor = excluded.actor, reason = excluded.reason
        WHERE (p.at, p.actor, p.reason) IS DISTINCT FROM (excluded.at, excluded.actor, excluded.reason)
        """;

    // What it counts is the flow.
    private readonly string _resume =
        $"""
        WITH woken AS (
            UPDATE {schema}.flow_runs r SET wake_at = $2
            FROM {schema}.queue q JOIN {schema}.paused_flows p ON p.flow_id = q.flow_id
            WHERE p.flow_id = $1 AND r.id = q.run_id AND q.state = 1 AND r.state = 1 AND r.host_id IS NULL AND r.root_run_id = r.id
                AND (r.wake_at IS NULL OR r.wake_at > $2)
        )
        DELETE FROM {schema}.paused_flows WHERE flow_id = $1
        """;

    public void Pause(NpgsqlBatch batch, int flow, PausedFlow paused) => batch.Add(_pause)
        .With(flow).With(paused.At.ToDatabase()).With(Texts.Encode(paused.Actor)).With(Texts.Encode(paused.Reason));

    public void Resume(NpgsqlBatch batch, int flow) => batch.Add(_resume).With(flow).With(time.GetUtcNow().ToDatabase());
}
