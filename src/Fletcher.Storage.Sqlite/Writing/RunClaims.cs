using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Who may have a run. Each of these looks and writes in one transaction that keeps other writers out, so of two that want
/// the same exactly one gets it.
/// </summary>
internal sealed class RunClaims(Connection connection, FlowRunWriter flowRuns, LimitWriter limits, TimeProvider time)
{
    internal const string EndFamilySql =
        """
        UPDATE flow_runs SET state = ?2, reason = ?3, ended_at = ?4, host_id = NULL, wake_at = NULL, fence = fence + 1
        WHERE root_run_id = ?1 AND root_run_id <> id AND state < 10
        """;

    // Down the family, as no index holds those of its members that have ended; so it costs as much as the family is large.
    internal const string CloseQuestionsSql =
        """
        WITH RECURSIVE family (id) AS (
            SELECT ?1 UNION ALL SELECT m.id FROM flow_runs m JOIN family f ON m.parent_run_id = f.id WHERE m.root_run_id = ?1
        )
        UPDATE questions SET closed_at = ?2 WHERE run_id IN family AND closed_at IS NULL
        """;

    public FlowRunRecord? TryCreateOnce(FlowRunRecord run)
    {
        var existing = FlowRunReader.FindOnce(connection, run.Flow, run.OnceKey!);
        if (existing is null)
            flowRuns.Put(run);
        return existing;
    }

    public FlowRunRecord? TryClaim(RunId id, RunVersion expected, Guid hostId, DateTimeOffset now) =>
        FlowRunReader.Get(connection, id) is { } run && run.Version == expected && HasItsOnceKey(run)
            ? Claim(id, hostId, now)
            : null;

    public List<ClaimedRun> ClaimDue(Guid hostId, IReadOnlyCollection<string> flows, DateTimeOffset now, int limit)
    {
        var claimed = new List<ClaimedRun>();
        // Again, when some of those that are due could not be had: they are not due any more.
        while (claimed.Count < limit && WaitingReader.Due(connection, flows, now, limit - claimed.Count) is { Count: > 0 } due)
        {
            foreach (var id in due)
            {
                var run = FlowRunReader.Get(connection, id)!;
                if (HasItsOnceKey(run))
                    claimed.Add(new ClaimedRun(Claim(id, hostId, now), run.State, run.Reason));
                else
                    connection.Prepare("UPDATE flow_runs SET wake_at = NULL WHERE id = ?1").Bind(1, id).Execute();
            }
        }

        return claimed;
    }

    /// <summary>Whether the run is still as expected, and may be what the record says.</summary>
    public bool CanReplace(FlowRunRecord run, RunVersion expected) =>
        FlowRunReader.Get(connection, run.Id)?.Version == expected && (run.State.IsEnd() || HasItsOnceKey(run));

    /// <summary>Ends what is open in the family of a root that has ended.</summary>
    public void EndFamily(FlowRunRecord root)
    {
        if (!root.State.IsEnd())
            return;
        connection.Prepare(EndFamilySql)
            .Bind(1, root.Id)
            .Bind(2, (long)root.State)
            .Bind(3, root.Reason)
            .Bind(4, root.EndedAt)
            .Execute();

        // What crashed goes on, and its questions still want an answer.
        if (root.State != FlowRunState.Crashed && root.WakeAt is null)
            connection.Prepare(CloseQuestionsSql).Bind(1, root.Id).Bind(2, root.EndedAt ?? time.GetUtcNow()).Execute();
    }

    private FlowRunRecord Claim(RunId id, Guid hostId, DateTimeOffset now)
    {
        connection.Prepare(
            """
            UPDATE flow_runs SET state = ?2, fence = fence + 1, attempt = attempt + 1, host_id = ?3,
                started_at = coalesce(started_at, ?4), ended_at = NULL, error = iif(undoing_to IS NULL, NULL, error), reason = NULL,
                wake_at = NULL
            WHERE id = ?1
            """)
            .Bind(1, id)
            .Bind(2, (long)FlowRunState.Running)
            .Bind(3, hostId)
            .Bind(4, now)
            .Execute();
        limits.Free(id);
        return FlowRunReader.Get(connection, id)!;
    }

    // Not so when the run had ended, and another one was made with its key since.
    private bool HasItsOnceKey(FlowRunRecord run) =>
        run.OnceKey is not { } key || FlowRunReader.FindOnce(connection, run.Flow, key) is not { } other || other.Id == run.Id;
}
