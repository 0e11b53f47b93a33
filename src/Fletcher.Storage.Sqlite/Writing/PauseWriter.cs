using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Pauses flows and resumes them.</summary>
internal sealed class PauseWriter(Connection connection, NameIds names, TimeProvider time)
{
    internal const string WakeQueuedSql =
        """
        UPDATE flow_runs SET wake_at = ?2, is_ready = 1
        WHERE flow_id = ?1 AND root_run_id = id AND host_id IS NULL AND state = 1 AND (wake_at IS NULL OR wake_at > ?2)
        """;

    /// <returns>False when it was paused in the same words.</returns>
    public bool Pause(PausedFlow paused) => connection.Prepare(
        """
        INSERT INTO paused_flows (flow_id, at, actor, reason) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (flow_id) DO UPDATE SET at = ?2, actor = ?3, reason = ?4
        WHERE at <> ?2 OR actor <> ?3 OR reason IS NOT ?4
        RETURNING 1
        """)
        .Bind(1, names.OfFlow(paused.Flow))
        .Bind(2, paused.At)
        .Bind(3, paused.Actor)
        .Bind(4, paused.Reason)
        .QuerySingle(static _ => true);

    /// <returns>False when it was not paused.</returns>
    public bool Resume(string flow)
    {
        var flowId = connection.Prepare(
            "DELETE FROM paused_flows WHERE flow_id = (SELECT id FROM flows WHERE name = ?1) RETURNING flow_id")
            .Bind(1, flow)
            .QuerySingle(static row => row.GetInt64(0));
        if (flowId == 0)
            return false;

        connection.Prepare(WakeQueuedSql).Bind(1, flowId).Bind(2, time.GetUtcNow()).Execute();
        return true;
    }
}
