using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Finds runs that are over, in the order in which they go, and what keeps them.</summary>
internal static class RetentionReader
{
    // In the very words of the indexes, or these are not used.
    private const string Good = "root_run_id = id AND wake_at IS NULL AND (state = 12 OR (state = 10 AND once_key IS NULL))";
    private const string Failed = "root_run_id = id AND wake_at IS NULL AND state IN (11, 13)";
    private const string Once = "root_run_id = id AND wake_at IS NULL AND state = 10 AND once_key IS NOT NULL";

    private const string SelectOfFlow = "SELECT ended_at, id FROM flow_runs WHERE flow_id = (SELECT f.id FROM flows f WHERE f.name = ?1) AND ";

    private const string PlaceOrder = " AND ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT 1 OFFSET ?2";
    internal const string GoodPlaceSql = SelectOfFlow + Good + PlaceOrder;
    internal const string FailedPlaceSql = SelectOfFlow + Failed + PlaceOrder;
    internal const string OncePlaceSql = SelectOfFlow + Once + PlaceOrder;

    private const string EndedOrder = " AND (ended_at, id) > (?2, ?3) AND (ended_at, id) <= (?4, ?5) ORDER BY ended_at, id LIMIT ?6";
    internal const string GoodSql = SelectOfFlow + Good + EndedOrder;
    internal const string FailedSql = SelectOfFlow + Failed + EndedOrder;
    internal const string OnceSql = SelectOfFlow + Once + EndedOrder;

    internal const string IsNeededSql =
        """
        SELECT 1 FROM flow_runs r
        WHERE r.id = ?1 AND (
            EXISTS (SELECT 1 FROM flow_runs p WHERE p.id = r.parent_run_id)
            OR EXISTS (SELECT 1 FROM pruned_runs p WHERE p.run_id = r.parent_run_id)
            OR EXISTS (SELECT 1 FROM flow_runs f WHERE f.forked_from = r.id)
            OR (?2 AND EXISTS (SELECT 1 FROM flow_runs m WHERE m.root_run_id = r.id AND m.root_run_id <> m.id AND m.state = 10 AND m.once_key IS NOT NULL)))
        """;

    public static EndedPlace? FindPlace(Connection connection, string flow, RetentionKind kind, int skip) =>
        connection.Prepare(kind switch { RetentionKind.Good => GoodPlaceSql, RetentionKind.Failed => FailedPlaceSql, _ => OncePlaceSql })
            .Bind(1, flow)
            .Bind(2, (long)skip)
            .QuerySingle(static row => (EndedPlace?)Place(row));

    /// <summary>The runs of a batch, and those of them that are to go.</summary>
    public static (List<EndedPlace> Looked, List<EndedPlace> Free) Find(Connection connection, PruneRequest request)
    {
        var after = request.After ?? EndedPlace.Before(DateTimeOffset.UnixEpoch);
        var looked = connection.Prepare(request.Kind switch { RetentionKind.Good => GoodSql, RetentionKind.Failed => FailedSql, _ => OnceSql })
            .Bind(1, request.Flow)
            .Bind(2, after.EndedAt)
            .Bind(3, after.Run)
            .Bind(4, request.Through.EndedAt)
            .Bind(5, request.Through.Run)
            .Bind(6, (long)request.Limit)
            .QueryAll(Place);
        return (looked, looked.FindAll(place => !IsNeeded(connection, place.Run, request.Kind)));
    }

    public static PrunedRuns Answer(PruneRequest request, (List<EndedPlace> Looked, List<EndedPlace> Free) found) =>
        new(found.Free, found.Looked.Count - found.Free.Count, found.Looked.Count == request.Limit ? found.Looked[^1] : null);

    public static Dictionary<string, RetentionPolicy?> Policies(Connection connection) =>
        connection.Prepare("SELECT name, retention FROM flows")
            .QueryAll(static row => (Flow: row.GetText(0)!, Policy: row.GetText(1)))
            .ToDictionary(static flow => flow.Flow, static flow => flow.Policy is { } text ? RetentionJson.Read(text) : null, StringComparer.Ordinal);

    public static DateTimeOffset? KeysForgotten(Connection connection, string flow) =>
        connection.Prepare("SELECT keys_forgotten_to FROM flows WHERE name = ?1").Bind(1, flow).QuerySingle(static row => row.GetInstantOrNull(0));

    private const string OldKeys = "FROM start_keys WHERE run_pruned_at < ?1";
    private const string OldCached = "FROM cached_results WHERE made_at < ?2";
    private const string OldHosts = "FROM (" + RetentionWriter.GoneHosts + ")";

    internal const string IsAnyOldSql =
        "SELECT EXISTS (SELECT 1 " + OldKeys + ") OR EXISTS (SELECT 1 " + OldCached + ") OR EXISTS (SELECT 1 " + OldHosts + ")";

    private const string CountOldSql = "SELECT (SELECT count(*) " + OldKeys + "), (SELECT count(*) " + OldCached + "), (SELECT count(*) " + OldHosts + ")";

    public static bool IsAnyOld(Connection connection, ForgetRequest request) => Bound(connection, IsAnyOldSql, request).QuerySingle(static row => row.GetInt64(0)) == 1;

    public static Forgotten Count(Connection connection, ForgetRequest request) =>
        Bound(connection, CountOldSql, request).QuerySingle(static row => new Forgotten(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), IsMore: false));

    private static Statement Bound(Connection connection, string sql, ForgetRequest request) =>
        connection.Prepare(sql).Bind(1, request.KeysBefore).Bind(2, request.CachedBefore).Bind(3, request.HostsBefore);

    private static bool IsNeeded(Connection connection, RunId run, RetentionKind kind) =>
        connection.Prepare(IsNeededSql).Bind(1, run).Bind(2, kind == RetentionKind.Once ? 0L : 1L).QuerySingle(static _ => true);

    private static EndedPlace Place(Statement row) => new(row.GetInstant(0), row.GetRunId(1));
}
