using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Counts what is in the database, and looks whether it is whole.</summary>
internal static class StatisticsReader
{
    public static StoreStatistics Read(Connection connection) => new()
    {
        SchemaVersion = Migrator.Latest,
        Bytes = 0,
        LargeValueBytes = 0,
        FlowRuns = connection.Prepare("SELECT state, count(*) FROM flow_runs GROUP BY state")
            .QueryAll(static row => ((FlowRunState)row.GetInt32(0), row.GetInt64(1)))
            .ToDictionary(static row => row.Item1, static row => row.Item2),
        StepRuns = connection.QueryInteger("SELECT count(*) FROM step_runs"),
        LogLines = connection.QueryInteger("SELECT count(*) FROM log_lines"),
        OldestRunAt = CreatedAt(connection, "ASC"),
        NewestRunAt = CreatedAt(connection, "DESC"),
    };

    /// <summary>What SQLite finds wrong; none when all is well.</summary>
    public static List<string> FindDamages(Connection connection, int most) =>
        [.. connection.Prepare($"PRAGMA integrity_check({most})").QueryAll(static row => row.GetText(0)!).Where(static line => line != "ok")];

    /// <summary>The results beside the database, by hash, after one.</summary>
    public static List<(ContentHash Hash, long Length)> LargeValues(Connection connection, ContentHash after, int count) =>
        connection.Prepare("SELECT hash, max(length) FROM large_values WHERE hash > ?1 GROUP BY hash ORDER BY hash LIMIT ?2")
            .Bind(1, after)
            .Bind(2, count)
            .QueryAll(static row => (row.GetHash(0), row.GetInt64(1)));

    private static DateTimeOffset? CreatedAt(Connection connection, string order) =>
        connection.Prepare($"SELECT created_at FROM flow_runs ORDER BY id {order} LIMIT 1").QuerySingle(static row => (DateTimeOffset?)row.GetInstant(0));
}
