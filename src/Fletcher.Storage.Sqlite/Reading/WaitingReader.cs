using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Finds roots that wait for a host. Flow by flow and lane by lane, each a range of one index: neither runs of other flows, nor those that another host
/// takes, nor those of paused flows, nor those that are not due yet are looked at, however many there are.
/// </summary>
internal static class WaitingReader
{
    internal const string TimedSql =
        """
        SELECT wake_at FROM flow_runs
        WHERE flow_id = ?1 AND lane_id = ?2 AND root_run_id = id AND host_id IS NULL AND wake_at IS NOT NULL AND state <> 10 AND is_ready = 0
        ORDER BY wake_at LIMIT 1
        """;

    internal const string FlowSql =
        "SELECT id FROM flows f WHERE f.name = ?1 AND NOT EXISTS (SELECT 1 FROM paused_flows p WHERE p.flow_id = f.id)";

    // A run that was asked to stop must do so although its flow is paused. One that has ended need not be waited for.
    internal const string PausedToStopSql =
        """
        SELECT DISTINCT r.wake_at, r.id, f.name, r.lane_id
        FROM messages m INDEXED BY messages_stopping
        CROSS JOIN flow_runs r ON r.id = m.root_run_id
        JOIN paused_flows p ON p.flow_id = r.flow_id
        JOIN flows f ON f.id = r.flow_id
        WHERE m.taken_by = 0 AND m.kind = 2 AND m.run_id = m.root_run_id
            AND r.root_run_id = r.id AND r.host_id IS NULL AND r.wake_at IS NOT NULL AND (r.state < 10 OR r.state = 13)
        """;

    /// <summary>When the first run is due that a host takes; the request's time when one is already.</summary>
    public static DateTimeOffset? NextWake(Connection connection, ClaimRequest request)
    {
        var lanes = Lanes.OfHost(connection, request);
        DateTimeOffset? first = null;
        foreach (var at in PausedToStop(connection, request, lanes).Select(static due => (DateTimeOffset?)due.WakeAt)
            .Concat(Places(connection, request, lanes).Select(place => FirstAt(connection, place, request.Now))))
        {
            if (at <= request.Now)
                return request.Now;
            if (first is null || at < first)
                first = at;
        }

        return first;
    }

    /// <summary>The flows and lanes that a host takes from.</summary>
    public static IEnumerable<WaitingPlace> Places(Connection connection, ClaimRequest request, List<long> lanes)
    {
        foreach (var flow in request.Flows.Distinct(StringComparer.Ordinal))
        {
            if (request.Room.GetValueOrDefault(flow, 1) < 1
                || connection.Prepare(FlowSql).Bind(1, flow).QuerySingle(static row => row.GetInt64(0)) is not (> 0 and var id))
                continue;
            foreach (var lane in lanes)
                yield return new WaitingPlace(flow, id, lane);
        }
    }

    /// <summary>Those that are due although their flow is paused, because they were asked to stop; the longest due first.</summary>
    public static List<DueRun> DueToStop(Connection connection, ClaimRequest request, List<long> lanes) =>
        [.. PausedToStop(connection, request, lanes).Where(due => due.WakeAt <= request.Now).Order()];

    private static IEnumerable<DueRun> PausedToStop(Connection connection, ClaimRequest request, List<long> lanes) => connection
        .Prepare(PausedToStopSql)
        .QueryAll(static row => (Due: new DueRun(row.GetInstant(0), row.GetRunId(1)), Flow: row.GetText(2)!, Lane: row.GetInt64(3)))
        .Where(run => request.Flows.Contains(run.Flow) && lanes.Contains(run.Lane))
        .Select(static run => run.Due);

    private static DateTimeOffset? FirstAt(Connection connection, WaitingPlace place, DateTimeOffset now)
    {
        var timed = connection.Prepare(TimedSql).Bind(1, place.FlowId).Bind(2, place.LaneId).QuerySingle(static row => row.GetInstantOrNull(0));
        return timed <= now ? timed : new ReadyRuns(connection, place, now).FirstAt() is { } ready && !(timed < ready) ? ready : timed;
    }
}

/// <summary>Where runs wait: a flow, a queue and a set of labels.</summary>
internal readonly record struct WaitingPlace(string Flow, long FlowId, long LaneId);
