using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Writes hosts and their heartbeats, and reads them.</summary>
internal sealed class HostRows(SchemaName schema)
{
    private const string Columns =
        """
        id, machine, boot, process_id, process_start, started_at, heartbeat_at, ended_at, beat, end_reason, flows, control_group,
            out_of_memory_kills, queues, labels, capacity
        """;

    private readonly string _put =
        $"""
        INSERT INTO {schema}.hosts ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        ON CONFLICT (id) DO UPDATE SET machine = excluded.machine, boot = excluded.boot, process_id = excluded.process_id,
            process_start = excluded.process_start, started_at = excluded.started_at, heartbeat_at = excluded.heartbeat_at,
            ended_at = excluded.ended_at, beat = excluded.beat, end_reason = excluded.end_reason, flows = excluded.flows,
            control_group = excluded.control_group, out_of_memory_kills = excluded.out_of_memory_kills, queues = excluded.queues,
            labels = excluded.labels, capacity = excluded.capacity
        """;

    private readonly string _select = $"SELECT {Columns} FROM {schema}.hosts";

    public void Put(NpgsqlBatch batch, HostRecord host) => batch.Add(_put)
        .With(host.Id)
        .With(Texts.Encode(host.Machine))
        .With(Texts.Encode(host.Boot))
        .With(host.ProcessId)
        .With(host.ProcessStart)
        .With(host.StartedAt.ToDatabase())
        .With(host.HeartbeatAt.ToDatabase())
        .With(host.EndedAt.ToDatabase())
        .With(host.Beat)
        .With(Texts.Encode(host.EndReason))
        .With(TextListJson.Write(host.Flows))
        .With(Texts.Encode(host.ControlGroup))
        .With(host.OutOfMemoryKills)
        .With(TextListJson.Write(host.Queues))
        .With(TextListJson.Write(host.Labels))
        .With(host.Capacity);

    public async ValueTask<HostRecord?> GetAsync(NpgsqlConnection connection, Guid host, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_select + " WHERE id = $1").With(host);
            return (await batch.QueryAsync(Map, cancellationToken).ConfigureAwait(false)).FirstOrDefault();
        }
    }

    public async ValueTask<List<HostRecord>> LivingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_select + " WHERE ended_at IS NULL");
            return await batch.QueryAsync(Map, cancellationToken).ConfigureAwait(false);
        }
    }

    private static HostRecord Map(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Machine = row.Text(1),
        Boot = row.Text(2),
        ProcessId = row.GetInt32(3),
        ProcessStart = row.GetInt64(4),
        StartedAt = row.Instant(5),
        HeartbeatAt = row.Instant(6),
        EndedAt = row.InstantOrNull(7),
        Beat = row.GetInt64(8),
        EndReason = row.TextOrNull(9),
        Flows = row.TextList(10),
        ControlGroup = row.TextOrNull(11),
        OutOfMemoryKills = row.GetInt64(12),
        Queues = row.TextList(13),
        Labels = row.TextList(14),
        Capacity = row.GetInt32(15),
    };
}
