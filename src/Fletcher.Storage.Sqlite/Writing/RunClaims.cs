using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Who may have a run. Each of these looks and writes in one transaction that keeps other writers out, so of two that want
/// the same exactly one gets it.
/// </summary>
internal sealed class RunClaims(Connection connection, FlowRunWriter flowRuns, LimitWriter limits, TimeProvider time)
{
    /// <summary>So many runs whose time came at the same moment are moved with each claim. A claim takes a hundred at the most, so nobody's turn is missed for long.</summary>
    private const int MostReadyAtOnce = 2_000;

    internal const string NoteReadySql =
        """
        UPDATE flow_runs SET is_ready = 1 WHERE id IN (
            SELECT id FROM flow_runs
            WHERE flow_id = ?1 AND lane_id = ?2 AND root_run_id = id AND host_id IS NULL AND wake_at IS NOT NULL AND state <> 10 AND is_ready = 0
                AND wake_at <= ?3
            ORDER BY wake_at LIMIT ?4)
        """;

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
            ? Claim(run, hostId, now)
            : null;

    public List<ClaimedRun> ClaimDue(ClaimRequest request)
    {
        var lanes = Lanes.OfHost(connection, request);
        var claimed = new List<ClaimedRun>();
        foreach (var due in WaitingReader.DueToStop(connection, request, lanes))
        {
            if (claimed.Count < request.Limit && TryGive(due.Run, request) is { } given)
                claimed.Add(given);
        }

        if (claimed.Count == request.Limit)
            return claimed;
        var places = WaitingReader.Places(connection, request, lanes).ToList();
        foreach (var place in places)
            NoteReady(place, request.Now);
        foreach (var candidate in ClaimOrder.Of([.. places.Select(place => new ReadyRuns(connection, place, request.Now))], request))
        {
            if (TryGive(candidate.Run, request) is not { } given)
                continue;
            candidate.NoteClaimed();
            claimed.Add(given);
            if (claimed.Count == request.Limit)
                break;
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

    /// <summary>Moves the runs whose time has come to those that are ready: not without end, as others want to write.</summary>
    private void NoteReady(WaitingPlace place, DateTimeOffset now) => connection.Prepare(NoteReadySql)
        .Bind(1, place.FlowId)
        .Bind(2, place.LaneId)
        .Bind(3, now)
        .Bind(4, MostReadyAtOnce)
        .Execute();

    private ClaimedRun? TryGive(RunId id, ClaimRequest request)
    {
        var run = FlowRunReader.Get(connection, id)!;
        if (HasItsOnceKey(run))
            return new ClaimedRun(Claim(run, request.HostId, request.Now), run.State, run.Reason);
        connection.Prepare("UPDATE flow_runs SET wake_at = NULL WHERE id = ?1").Bind(1, id).Execute();
        return null;
    }

    // What the row is then is known without reading it again.
    private FlowRunRecord Claim(FlowRunRecord run, Guid hostId, DateTimeOffset now)
    {
        connection.Prepare(
            """
            UPDATE flow_runs SET state = ?2, fence = fence + 1, attempt = attempt + 1, host_id = ?3,
                started_at = coalesce(started_at, ?4), ended_at = NULL, error = iif(undoing_to IS NULL, NULL, error), reason = NULL,
                wake_at = NULL
            WHERE id = ?1
            """)
            .Bind(1, run.Id)
            .Bind(2, (long)FlowRunState.Running)
            .Bind(3, hostId)
            .Bind(4, now)
            .Execute();
        limits.Free(run.Id);
        return run with
        {
            State = FlowRunState.Running,
            Fence = run.Fence + 1,
            Attempt = run.Attempt + 1,
            HostId = hostId,
            StartedAt = run.StartedAt ?? Instants.FromMicroseconds(Instants.ToMicroseconds(now)),
            EndedAt = null,
            Error = run.IsUndoing ? run.Error : null,
            Reason = null,
            WakeAt = null,
        };
    }

    // Not so when the run had ended, and another one was made with its key since.
    private bool HasItsOnceKey(FlowRunRecord run) =>
        run.OnceKey is not { } key || FlowRunReader.FindOnce(connection, run.Flow, key) is not { } other || other.Id == run.Id;
}
