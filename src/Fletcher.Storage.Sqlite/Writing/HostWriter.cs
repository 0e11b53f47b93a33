using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Writes hosts and their heartbeats.</summary>
internal sealed class HostWriter(Connection connection)
{
    public void Put(HostRecord host) => connection.Prepare(
        """
        INSERT OR REPLACE INTO hosts (id, machine, boot, process_id, process_start, started_at, heartbeat_at, ended_at,
            beat, end_reason, flows, control_group, out_of_memory_kills, queues, labels, capacity)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
        """)
        .Bind(1, host.Id)
        .Bind(2, host.Machine)
        .Bind(3, host.Boot)
        .Bind(4, host.ProcessId)
        .Bind(5, host.ProcessStart)
        .Bind(6, host.StartedAt)
        .Bind(7, host.HeartbeatAt)
        .Bind(8, host.EndedAt)
        .Bind(9, host.Beat)
        .Bind(10, host.EndReason)
        .Bind(11, TextListJson.Write(host.Flows))
        .Bind(12, host.ControlGroup)
        .Bind(13, host.OutOfMemoryKills)
        .Bind(14, TextListJson.Write(host.Queues))
        .Bind(15, TextListJson.Write(host.Labels))
        .Bind(16, host.Capacity)
        .Execute();
}
