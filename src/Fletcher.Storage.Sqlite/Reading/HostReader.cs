using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Reads hosts.</summary>
internal static class HostReader
{
    public static HostRecord? Get(Connection connection, Guid host) => connection.Prepare(
        "SELECT id, machine, boot, process_id, process_start, started_at, heartbeat_at, ended_at FROM hosts WHERE id = ?1")
        .Bind(1, host)
        .QuerySingle(static row => new HostRecord
        {
            Id = row.GetGuid(0),
            Machine = row.GetText(1)!,
            Boot = row.GetText(2)!,
            ProcessId = row.GetInt32(3),
            ProcessStart = row.GetInt64(4),
            StartedAt = row.GetInstant(5),
            HeartbeatAt = row.GetInstant(6),
            EndedAt = row.GetInstantOrNull(7),
        });
}
