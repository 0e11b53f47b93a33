using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Reads messages to runs.</summary>
internal static class MessageReader
{
    private const string Select =
        "SELECT number, run_id, root_run_id, kind, name, content, sent_at, actor, reason, key, taken_by FROM messages";

    internal const string AfterSql = Select + " WHERE number > ?1 ORDER BY number LIMIT ?2";

    internal const string UntakenSql = Select + " WHERE root_run_id = ?1 AND taken_by = 0 ORDER BY number";

    internal const string FindByKeySql = Select + " WHERE run_id = ?1 AND key = ?2";

    public static RunMessage? Get(Connection connection, long number) =>
        connection.Prepare(Select + " WHERE number = ?1").Bind(1, number).QuerySingle(Map);

    public static RunMessage? FindByKey(Connection connection, RunId run, string key) =>
        connection.Prepare(FindByKeySql).Bind(1, run).Bind(2, key).QuerySingle(Map);

    public static List<RunMessage> After(Connection connection, long number, int limit) =>
        connection.Prepare(AfterSql).Bind(1, number).Bind(2, limit).QueryAll(Map);

    public static List<RunMessage> Untaken(Connection connection, RunId root) =>
        connection.Prepare(UntakenSql).Bind(1, root).QueryAll(Map);

    // SQLite keeps the last number that it gave, also of messages that were deleted since.
    public static long Last(Connection connection) =>
        connection.QueryInteger("SELECT seq FROM sqlite_sequence WHERE name = 'messages'");

    private static RunMessage Map(Statement row) => new()
    {
        Number = row.GetInt64(0),
        RunId = row.GetRunId(1),
        RootRunId = row.GetRunId(2),
        Kind = (MessageKind)row.GetInt32(3),
        Name = row.GetText(4),
        Content = row.GetBytes(5),
        SentAt = row.GetInstant(6),
        Actor = row.GetText(7)!,
        Reason = row.GetText(8),
        Key = row.GetText(9),
        TakenBy = row.GetInt32(10),
    };
}
