using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Writes hosts and their heartbeats.</summary>
internal sealed class HostWriter(Connection connection)
{
    public void Put(HostRecord host) => connection.Prepare(
        """
        INSERT OR REPLACE INTO hosts (id, machine, boot, process_id, process_start, started_at, heartbeat_at, ended_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """)
        .Bind(1, host.Id)
        .Bind(2, host.Machine)
        .Bind(3, host.Boot)
        .Bind(4, host.ProcessId)
        .Bind(5, host.ProcessStart)
        .Bind(6, host.StartedAt)
        .Bind(7, host.HeartbeatAt)
        .Bind(8, host.EndedAt)
        .Execute();
}
