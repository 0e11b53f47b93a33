using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Who may have a run. Each of these looks and writes in one transaction that keeps other writers out, so of two that want
/// the same exactly one gets it.
/// </summary>
internal sealed class RunClaims(Connection connection, FlowRunWriter flowRuns, LedgerWriter ledger)
{
    internal const string EndFamilySql =
        """
        UPDATE flow_runs SET state = ?2, reason = ?3, ended_at = ?4, host_id = NULL, wake_at = NULL, fence = fence + 1
        WHERE root_run_id = ?1 AND root_run_id <> id AND state < 10
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

    public bool TryReplace(FlowRunRecord run, RunVersion expected, IReadOnlyList<LedgerEntry> entries)
    {
        if (FlowRunReader.Get(connection, run.Id)?.Version != expected)
            return false;

        flowRuns.Put(run);
        foreach (var entry in entries)
            ledger.Add(entry);
        ledger.EndBatch();
        if (run.State.IsEnd())
        {
            connection.Prepare(EndFamilySql)
                .Bind(1, run.Id)
                .Bind(2, (long)run.State)
                .Bind(3, run.Reason)
                .Bind(4, run.EndedAt)
                .Execute();
        }

        return true;
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
        return FlowRunReader.Get(connection, id)!;
    }

    // Not so when the run had ended, and another one was made with its key since.
    private bool HasItsOnceKey(FlowRunRecord run) =>
        run.OnceKey is not { } key || FlowRunReader.FindOnce(connection, run.Flow, key) is not { } other || other.Id == run.Id;
}
