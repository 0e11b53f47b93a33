using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Who may have a run. Each of these looks and writes in one transaction that keeps other writers out, so of two that want
/// the same exactly one gets it.
/// </summary>
internal sealed class RunClaims(Connection connection, FlowRunWriter flowRuns)
{
    public FlowRunRecord? TryCreateOnce(FlowRunRecord run)
    {
        var existing = FlowRunReader.FindOnce(connection, run.Flow, run.OnceKey!);
        if (existing is null)
            flowRuns.Put(run);
        return existing;
    }

    public FlowRunRecord? TryClaim(RunId id, long expectedFence, Guid hostId, DateTimeOffset now)
    {
        var run = FlowRunReader.Get(connection, id);
        if (run is null || run.Fence != expectedFence)
            return null;
        if (run.OnceKey is { } key && FlowRunReader.FindOnce(connection, run.Flow, key) is { } other && other.Id != id)
            return null;

        connection.Prepare(
            """
            UPDATE flow_runs SET state = ?2, fence = fence + 1, attempt = attempt + 1, host_id = ?3,
                started_at = coalesce(started_at, ?4), ended_at = NULL, error = NULL, reason = NULL
            WHERE id = ?1
            """)
            .Bind(1, id)
            .Bind(2, (long)FlowRunState.Running)
            .Bind(3, hostId)
            .Bind(4, now)
            .Execute();
        return FlowRunReader.Get(connection, id);
    }
}
