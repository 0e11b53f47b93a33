using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// The runs of one flow and lane whose time has come, in the order of the index <c>flow_runs_ready</c>. Every question is one seek in it.
/// </summary>
internal sealed class ReadyRuns(Connection connection, WaitingPlace place, DateTimeOffset now) : IClaimSource
{
    // The conditions of the index, or SQLite would not use it.
    private const string Ready =
        """
         FROM flow_runs
        WHERE flow_id = ?1 AND lane_id = ?2 AND root_run_id = id AND host_id IS NULL AND wake_at IS NOT NULL AND state <> 10 AND is_ready = 1
        """;

    internal const string PrioritySql = "SELECT priority" + Ready + " AND priority <= ?3 ORDER BY priority DESC LIMIT 1";

    internal const string FirstKeySql = "SELECT fairness_key" + Ready + " AND priority = ?3 ORDER BY fairness_key LIMIT 1";

    internal const string NextKeySql = "SELECT fairness_key" + Ready + " AND priority = ?3 AND fairness_key > ?4 ORDER BY fairness_key LIMIT 1";

    internal const string OldestSql = "SELECT wake_at, id" + Ready + """
         AND priority = ?3 AND fairness_key = ?4 AND (wake_at, id) > (?5, ?6) AND wake_at <= ?7
        ORDER BY wake_at, id LIMIT ?8
        """;

    public string Flow => place.Flow;

    public int? NextPriority(int? below) => Bound(PrioritySql).Bind(3, (below ?? 1L + int.MaxValue) - 1)
        .QuerySingle(static row => (int?)row.GetInt32(0));

    public string? NextKey(int priority, string? after) =>
        (after is null ? Bound(FirstKeySql).Bind(3, priority) : Bound(NextKeySql).Bind(3, priority).Bind(4, after))
            .QuerySingle(static row => row.GetText(0));

    public IReadOnlyList<DueRun> Oldest(int priority, string key, DueRun? after, int limit) => Oldest(priority, key, after, now, limit);

    /// <summary>
    /// When the first is due; any that is due now will do. It finds one at once, unless another host's clock is ahead of this one's and
    /// has said of runs that their time has come.
    /// </summary>
    public DateTimeOffset? FirstAt()
    {
        DateTimeOffset? first = null;
        for (var priority = NextPriority(null); priority is { } p; priority = NextPriority(p))
        {
            for (var key = NextKey(p, null); key is not null; key = NextKey(p, key))
            {
                if (Oldest(p, key, null, DateTimeOffset.MaxValue, 1) is not [var due])
                    continue; // claimed in this moment
                if (due.WakeAt <= now)
                    return due.WakeAt;
                if (first is null || due.WakeAt < first)
                    first = due.WakeAt;
            }
        }

        return first;
    }

    private List<DueRun> Oldest(int priority, string key, DueRun? after, DateTimeOffset upTo, int limit) => Bound(OldestSql)
        .Bind(3, priority)
        .Bind(4, key)
        .Bind(5, after is { } last ? Instants.ToMicroseconds(last.WakeAt) : long.MinValue)
        .Bind(6, after?.Run ?? default)
        .Bind(7, upTo)
        .Bind(8, limit)
        .QueryAll(static row => new DueRun(row.GetInstant(0), row.GetRunId(1)));

    private Statement Bound(string sql) => connection.Prepare(sql).Bind(1, place.FlowId).Bind(2, place.LaneId);
}
