using System.Threading.Channels;
using Fletcher.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Fletcher.Bench.Baselines;

/// <summary>
/// The baselines on PostgreSQL, through Npgsql: one connection; a prepared upsert for single rows, binary COPY for groups.
/// </summary>
internal sealed class RawServer : IRawDatabase
{
    private const int GroupSize = 1_000;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _upsert;
    private readonly NpgsqlParameter<long> _id = new();
    private readonly NpgsqlParameter<byte[]> _key = new() { TypedValue = new byte[16] };
    private readonly NpgsqlParameter<DateTime> _startedAt = new();
    private readonly NpgsqlParameter<DateTime> _endedAt = new();
    private readonly byte[] _result = new byte[100];
    private long _lastId;

    internal RawServer(string connectionString, Durability durability)
    {
        _connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        _connection.Open();
        Execute(durability == Durability.Full ? "SET synchronous_commit = on" : "SET synchronous_commit = off");
        Execute("CREATE TABLE step_rows (id bigint PRIMARY KEY, key bytea NOT NULL, state smallint NOT NULL, "
            + "started_at timestamptz NOT NULL, ended_at timestamptz NOT NULL, result bytea NOT NULL)");
        _upsert = _connection.CreateCommand();
        _upsert.CommandText = "INSERT INTO step_rows VALUES ($1, $2, $3, $4, $5, $6) "
            + "ON CONFLICT (id) DO UPDATE SET key = excluded.key, state = excluded.state, started_at = excluded.started_at, "
            + "ended_at = excluded.ended_at, result = excluded.result";
        _upsert.Parameters.Add(_id);
        _upsert.Parameters.Add(_key);
        _upsert.Parameters.Add(new NpgsqlParameter<short> { TypedValue = 10 });
        _upsert.Parameters.Add(_startedAt);
        _upsert.Parameters.Add(_endedAt);
        _upsert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = _result });
        _upsert.Prepare();
    }

    /// <inheritdoc/>
    public void Commit(int rows)
    {
        for (var i = 0; i < rows; i++)
        {
            Next();
            _upsert.ExecuteNonQuery();
        }
    }

    /// <inheritdoc/>
    public void Group(int rows)
    {
        for (; rows > 0; rows -= GroupSize)
            Copy(Math.Min(rows, GroupSize));
    }

    /// <inheritdoc/>
    public async Task PipeAsync(int rows)
    {
        var channel = Channel.CreateBounded<long>(new BoundedChannelOptions(8 * GroupSize) { SingleReader = true, SingleWriter = true });
        var writer = Task.Run(async () =>
        {
            while (await channel.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                var count = 0;
                while (count < GroupSize && channel.Reader.TryRead(out _))
                    count++;
                if (count == 1)
                    Commit(1);
                else
                    Copy(count);
            }
        });
        for (var i = 0; i < rows; i++)
            await channel.Writer.WriteAsync(i).ConfigureAwait(false);
        channel.Writer.Complete();
        await writer.ConfigureAwait(false);
    }

    public void Dispose()
    {
        _upsert.Dispose();
        _connection.Dispose();
    }

    private void Copy(int rows)
    {
        using var copy = _connection.BeginBinaryImport("COPY step_rows FROM STDIN (FORMAT binary)");
        for (var i = 0; i < rows; i++)
        {
            Next();
            copy.StartRow();
            copy.Write(_id.TypedValue);
            copy.Write(_key.TypedValue!);
            copy.Write((short)10, NpgsqlDbType.Smallint);
            copy.Write(_startedAt.TypedValue, NpgsqlDbType.TimestampTz);
            copy.Write(_endedAt.TypedValue, NpgsqlDbType.TimestampTz);
            copy.Write(_result);
        }

        copy.Complete();
    }

    private void Next()
    {
        _id.TypedValue = ++_lastId;
        BitConverter.TryWriteBytes(_key.TypedValue, _lastId * -0x61c8864680b583eb);
        _startedAt.TypedValue = _endedAt.TypedValue = DateTime.UtcNow;
    }

    private void Execute(string sql)
    {
        using var command = new NpgsqlCommand(sql, _connection);
        command.ExecuteNonQuery();
    }
}
