using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Reads hosts.</summary>
internal static class HostReader
{
    private const string Select =
        """
        SELECT id, machine, boot, process_id, process_start, started_at, heartbeat_at, ended_at, beat, end_reason, flows,
            control_group, out_of_memory_kills, queues, labels, capacity
        FROM hosts
        """;

    internal const string LivingSql = Select + " WHERE ended_at IS NULL";

    public static HostRecord? Get(Connection connection, Guid host) =>
        connection.Prepare(Select + " WHERE id = ?1").Bind(1, host).QuerySingle(Map);

    public static List<HostRecord> Living(Connection connection) => connection.Prepare(LivingSql).QueryAll(Map);

    private static HostRecord Map(Statement row) => new()
    {
        Id = row.GetGuid(0),
        Machine = row.GetText(1)!,
        Boot = row.GetText(2)!,
        ProcessId = row.GetInt32(3),
        ProcessStart = row.GetInt64(4),
        StartedAt = row.GetInstant(5),
        HeartbeatAt = row.GetInstant(6),
        EndedAt = row.GetInstantOrNull(7),
        Beat = row.GetInt64(8),
        EndReason = row.GetText(9),
        Flows = TextListJson.Read(row.GetBytes(10)),
        ControlGroup = row.GetText(11),
        OutOfMemoryKills = row.GetInt64(12),
        Queues = TextListJson.Read(row.GetBytes(13)),
        Labels = TextListJson.Read(row.GetBytes(14)),
        Capacity = row.GetInt32(15),
    };
}
