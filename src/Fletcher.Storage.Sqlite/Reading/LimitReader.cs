using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Reads limits, their lanes, and who is in them.</summary>
internal static class LimitReader
{
    private const int Shown = 100;

    private const string SelectPlace =
        "SELECT id, limit_name, key, weight, root_run_id, fence, run_id, sequence, flow, step, asked_at, granted_at, taken, number FROM limit_places";

    private const string SelectLane =
        "SELECT limit_name, key, bucket_level, bucket_period, bucket_at, open_until, open_reason, probe, failures, due_at FROM limit_lanes";

    internal const string FirstWaiterSql = SelectPlace + " WHERE limit_name = ?1 AND key = ?2 AND granted_at IS NULL ORDER BY number LIMIT 1";

    internal const string WaitersSql = SelectPlace + " WHERE limit_name = ?1 AND key = ?2 AND granted_at IS NULL ORDER BY number LIMIT ?3";

    internal const string WaitingNumbersSql = "SELECT number FROM limit_places WHERE limit_name = ?1 AND key = ?2 AND granted_at IS NULL ORDER BY number";

    internal const string WaiterCountSql = "SELECT count(*) FROM limit_places WHERE limit_name = ?1 AND key = ?2 AND granted_at IS NULL";

    internal const string TakenSql = "SELECT coalesce(sum(taken), 0), count(*) FROM limit_places WHERE limit_name = ?1 AND key = ?2 AND granted_at IS NOT NULL";

    internal const string IsAnyGrantedSql = "SELECT 1 FROM limit_places WHERE limit_name = ?1 AND key = ?2 AND granted_at IS NOT NULL LIMIT 1";

    internal const string OfRootSql = SelectPlace + " WHERE root_run_id = ?1 ORDER BY number";

    internal const string NextDueSql = "SELECT min(due_at) FROM limit_lanes WHERE due_at IS NOT NULL";

    internal const string DueSql = "SELECT limit_name, key FROM limit_lanes WHERE due_at <= ?1 ORDER BY due_at, limit_name, key LIMIT ?2";

    public static List<LimitRecord> Limits(Connection connection)
    {
        var rows = connection.Prepare(
            """
            SELECT name, is_set, slots, rate_count, rate_period, rate_burst, breaker_failures, breaker_window, breaker_open_for, at, actor, reason
            FROM limits ORDER BY name, is_set
            """).QueryAll(static row => (Name: row.GetText(0)!, IsSet: row.GetInt64(1) != 0, Version: new LimitVersion(
                Settings(row, 2), row.GetInstant(9), row.GetText(10)!, row.GetText(11))));
        return
        [
            .. rows.GroupBy(static row => row.Name).Select(static limit => new LimitRecord
            {
                Name = limit.Key,
                Declared = limit.FirstOrDefault(static row => !row.IsSet).Version,
                Set = limit.FirstOrDefault(static row => row.IsSet).Version,
            }),
        ];
    }

    /// <summary>What holds; null when nobody defined the limit.</summary>
    public static LimitSettings? Settings(Connection connection, string limit) => connection.Prepare(
        """
        SELECT slots, rate_count, rate_period, rate_burst, breaker_failures, breaker_window, breaker_open_for
        FROM limits WHERE name = ?1 ORDER BY is_set DESC LIMIT 1
        """).Bind(1, limit).QuerySingle(static row => Settings(row, 0));

    public static LimitLane? Lane(Connection connection, string limit, string key) =>
        connection.Prepare(SelectLane + " WHERE limit_name = ?1 AND key = ?2").Bind(1, limit).Bind(2, key).QuerySingle(MapLane);

    public static LimitPlace? FirstWaiter(Connection connection, string limit, string key) =>
        connection.Prepare(FirstWaiterSql).Bind(1, limit).Bind(2, key).QuerySingle(MapPlace);

    public static List<long> WaitingNumbers(Connection connection, string limit, string key) =>
        connection.Prepare(WaitingNumbersSql).Bind(1, limit).Bind(2, key).QueryAll(static row => row.GetInt64(0));

    public static (long Taken, int Count) Taken(Connection connection, string limit, string key) =>
        connection.Prepare(TakenSql).Bind(1, limit).Bind(2, key).QuerySingle(static row => (row.GetInt64(0), row.GetInt32(1)));

    public static bool IsAnyGranted(Connection connection, string limit, string key) =>
        connection.Prepare(IsAnyGrantedSql).Bind(1, limit).Bind(2, key).QuerySingle(static _ => true);

    public static (long Number, LimitPlace Place)? Place(Connection connection, Guid id) =>
        connection.Prepare(SelectPlace + " WHERE id = ?1").Bind(1, id).QuerySingle<(long, LimitPlace)?>(static row => (row.GetInt64(13), MapPlace(row)));

    public static List<LimitPlace> OfRoot(Connection connection, RunId root) =>
        connection.Prepare(OfRootSql).Bind(1, root).QueryAll(MapPlace);

    public static long? NextDue(Connection connection) =>
        connection.Prepare(NextDueSql).QuerySingle(static row => row.IsNull(0) ? (long?)null : row.GetInt64(0));

    public static List<(string Limit, string Key)> Due(Connection connection, long now, int limit) =>
        connection.Prepare(DueSql).Bind(1, now).Bind(2, limit).QueryAll(static row => (row.GetText(0)!, row.GetText(1)!));

    public static LimitStanding? Changed(Connection connection, Guid id) =>
        connection.Prepare("SELECT granted_at IS NULL FROM limit_places WHERE id = ?1").Bind(1, id)
            .QuerySingle<LimitPlaceState?>(static row => row.GetInt64(0) != 0 ? LimitPlaceState.Waiting : LimitPlaceState.Granted) switch
        {
            null => new LimitStanding(id, LimitPlaceState.Gone),
            LimitPlaceState.Granted => new LimitStanding(id, LimitPlaceState.Granted),
            _ => null,
        };

    public static List<LimitLaneRecord> Lanes(Connection connection, string limit, string? key, string? after, int count, long now)
    {
        var settings = Settings(connection, limit);
        var lanes = key is not null
            ? [Lane(connection, limit, key) ?? new LimitLane(limit, key)]
            : connection.Prepare(SelectLane + " WHERE limit_name = ?1 AND (?2 IS NULL OR key > ?2) ORDER BY key LIMIT ?3")
                .Bind(1, limit).Bind(2, after).Bind(3, count).QueryAll(MapLane);
        return [.. lanes.Select(lane => Describe(connection, lane, settings, now))];
    }

    private static LimitLaneRecord Describe(Connection connection, LimitLane lane, LimitSettings? settings, long now)
    {
        var (taken, holders) = Taken(connection, lane.Limit, lane.Key);
        var waiters = connection.Prepare(WaiterCountSql).Bind(1, lane.Limit).Bind(2, lane.Key).QuerySingle(static row => row.GetInt32(0));
        var rate = settings?.Rate;
        return new LimitLaneRecord
        {
            Limit = lane.Limit,
            Key = lane.Key,
            Taken = (int)taken,
            Tokens = rate is null ? null : (lane.Bucket ?? TokenBucket.Full(rate, now)).Refill(rate, now).Tokens,
            OpenUntil = lane.OpenUntil is { } until ? LimitLane.Instant(until) : null,
            OpenReason = lane.OpenReason,
            DueIn = waiters > 0 && lane.DueAt is { } due ? LimitLane.Until(due, now) : null,
            HolderCount = holders,
            Holders = connection.Prepare(SelectPlace + " WHERE limit_name = ?1 AND key = ?2 AND granted_at IS NOT NULL ORDER BY number LIMIT ?3")
                .Bind(1, lane.Limit).Bind(2, lane.Key).Bind(3, Shown).QueryAll(MapPlace),
            WaiterCount = waiters,
            Waiters = connection.Prepare(WaitersSql).Bind(1, lane.Limit).Bind(2, lane.Key).Bind(3, Shown).QueryAll(MapPlace),
        };
    }

    private static LimitSettings Settings(Statement row, int first) => new()
    {
        Slots = row.IsNull(first) ? null : row.GetInt32(first),
        Rate = row.IsNull(first + 1)
            ? null
            : new LimitRate(row.GetInt32(first + 1), TimeSpan.FromMicroseconds(row.GetInt64(first + 2)), row.GetInt32(first + 3)),
        Breaker = row.IsNull(first + 4)
            ? null
            : new LimitBreaker(
                row.GetInt32(first + 4), TimeSpan.FromMicroseconds(row.GetInt64(first + 5)), TimeSpan.FromMicroseconds(row.GetInt64(first + 6))),
    };

    private static LimitLane MapLane(Statement row) => new(row.GetText(0)!, row.GetText(1)!)
    {
        Bucket = row.IsNull(2) ? null : new TokenBucket(row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)),
        OpenUntil = row.IsNull(5) ? null : row.GetInt64(5),
        OpenReason = row.GetText(6),
        Probe = row.GetGuidOrNull(7),
        Failures = LimitFailure.Read(row.GetText(8)),
        DueAt = row.IsNull(9) ? null : row.GetInt64(9),
    };

    private static LimitPlace MapPlace(Statement row) => new()
    {
        Id = row.GetGuid(0),
        Limit = row.GetText(1)!,
        Key = row.GetText(2)!,
        Weight = row.GetInt32(3),
        RootRunId = row.GetRunId(4),
        Fence = row.GetInt64(5),
        RunId = row.GetRunId(6),
        Sequence = row.GetInt32(7),
        Flow = row.GetText(8)!,
        Step = row.GetText(9),
        AskedAt = row.GetInstant(10),
        GrantedAt = row.GetInstantOrNull(11),
        Taken = row.GetInt32(12),
    };
}
