using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Finds roots that wait for a host. Flow by flow, each a range of one index: neither runs of other flows, nor those of paused ones,
/// nor those that are not due yet are looked at, however many there are.
/// </summary>
internal static class WaitingReader
{
    private const string Waiting =
        """
         FROM flow_runs
        WHERE flow_id = (SELECT f.id FROM flows f
                WHERE f.name = ?1 AND NOT EXISTS (SELECT 1 FROM paused_flows p WHERE p.flow_id = f.id))
            AND root_run_id = id AND host_id IS NULL AND wake_at IS NOT NULL AND state <> 10
        """;

    internal const string DueSql = "SELECT wake_at, id" + Waiting + " AND wake_at <= ?2 ORDER BY wake_at, id LIMIT ?3";

    internal const string NextWakeSql = "SELECT wake_at" + Waiting + " ORDER BY wake_at LIMIT 1";

    // A run that was asked to stop must do so although its flow is paused. One that has ended need not be waited for.
    internal const string PausedToStopSql =
        """
        SELECT DISTINCT r.wake_at, r.id, f.name
        FROM messages m INDEXED BY messages_stopping
        CROSS JOIN flow_runs r ON r.id = m.root_run_id
        JOIN paused_flows p ON p.flow_id = r.flow_id
        JOIN flows f ON f.id = r.flow_id
        WHERE m.taken_by = 0 AND m.kind = 2 AND m.run_id = m.root_run_id
            AND r.root_run_id = r.id AND r.host_id IS NULL AND r.wake_at IS NOT NULL AND (r.state < 10 OR r.state = 13)
        """;

    /// <summary>Those that are due, the longest due first.</summary>
    public static List<RunId> Due(Connection connection, IReadOnlyCollection<string> flows, DateTimeOffset now, int limit)
    {
        var due = new List<(long WakeAt, RunId Run)>();
        foreach (var flow in flows.Distinct(StringComparer.Ordinal))
        {
            due.AddRange(connection.Prepare(DueSql)
                .Bind(1, flow)
                .Bind(2, now)
                .Bind(3, limit)
                .QueryAll(static row => (row.GetInt64(0), row.GetRunId(1))));
        }

        foreach (var run in PausedToStop(connection, flows))
        {
            if (run.WakeAt <= Instants.ToMicroseconds(now))
                due.Add(run);
        }

        return [.. due.Order().Take(limit).Select(static run => run.Run)];
    }

    public static DateTimeOffset? NextWake(Connection connection, IReadOnlyCollection<string> flows)
    {
        var first = flows.Min(flow => connection.Prepare(NextWakeSql).Bind(1, flow).QuerySingle(static row => row.GetInstantOrNull(0)));
        foreach (var (wakeAt, _) in PausedToStop(connection, flows))
        {
            if (first is null || Instants.FromMicroseconds(wakeAt) < first)
                first = Instants.FromMicroseconds(wakeAt);
        }

        return first;
    }

    private static IEnumerable<(long WakeAt, RunId Run)> PausedToStop(Connection connection, IReadOnlyCollection<string> flows) => connection
        .Prepare(PausedToStopSql)
        .QueryAll(static row => (WakeAt: row.GetInt64(0), Run: row.GetRunId(1), Flow: row.GetText(2)!))
        .Where(run => flows.Contains(run.Flow))
        .Select(static run => (run.WakeAt, run.Run));
}
