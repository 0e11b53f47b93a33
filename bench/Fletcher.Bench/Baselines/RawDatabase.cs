using System.Threading.Channels;
using Fletcher.Storage;
using Microsoft.Data.Sqlite;

namespace Fletcher.Bench.Baselines;

/// <summary>
/// The baselines: what SQLite itself takes to keep rows like those of step runs, through Microsoft.Data.Sqlite and with
/// nothing of Fletcher's. WAL, one connection, one prepared upsert, parameters bound once a row.
/// </summary>
internal sealed class RawDatabase : IRawDatabase
{
    private const int GroupSize = 1_000;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _upsert;
    private readonly SqliteParameter _id;
    private readonly SqliteParameter _key;
    private readonly SqliteParameter _startedAt;
    private readonly SqliteParameter _endedAt;
    private readonly byte[] _keyBytes = new byte[16];
    private long _lastId;

    internal RawDatabase(string path, Durability durability)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL");
        Execute(durability == Durability.Full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        Execute("CREATE TABLE step_rows (id INTEGER PRIMARY KEY, key BLOB NOT NULL, state INTEGER NOT NULL, "
            + "started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, result BLOB NOT NULL)");
        _upsert = _connection.CreateCommand();
        _upsert.CommandText = "INSERT INTO step_rows VALUES ($id, $key, $state, $started_at, $ended_at, $result) "
            + "ON CONFLICT (id) DO UPDATE SET key = excluded.key, state = excluded.state, started_at = excluded.started_at, "
            + "ended_at = excluded.ended_at, result = excluded.result";
        _id = _upsert.Parameters.Add("$id", SqliteType.Integer);
        _key = _upsert.Parameters.Add("$key", SqliteType.Blob);
        _upsert.Parameters.Add("$state", SqliteType.Integer).Value = 10L;
        _startedAt = _upsert.Parameters.Add("$started_at", SqliteType.Integer);
        _endedAt = _upsert.Parameters.Add("$ended_at", SqliteType.Integer);
        _upsert.Parameters.Add("$result", SqliteType.Blob).Value = new byte[100];
        _key.Value = _keyBytes;
        _upsert.Prepare();
    }

    /// <inheritdoc/>
    public void Commit(int rows)
    {
        for (var i = 0; i < rows; i++)
        {
            using var transaction = _connection.BeginTransaction();
            Put(transaction);
            transaction.Commit();
        }
    }

    /// <inheritdoc/>
    public void Group(int rows)
    {
        while (rows > 0)
        {
            using var transaction = _connection.BeginTransaction();
            var count = Math.Min(rows, GroupSize);
            for (var i = 0; i < count; i++)
                Put(transaction);
            transaction.Commit();
            rows -= count;
        }
    }

    /// <inheritdoc/>
    public async Task PipeAsync(int rows)
    {
        var channel = Channel.CreateBounded<long>(new BoundedChannelOptions(8 * GroupSize) { SingleReader = true, SingleWriter = true });
        var writer = Task.Run(async () =>
        {
            while (await channel.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                using var transaction = _connection.BeginTransaction();
                for (var count = 0; count < GroupSize && channel.Reader.TryRead(out _); count++)
                    Put(transaction);
                transaction.Commit();
            }
        });
        for (var i = 0; i < rows; i++)
            await channel.Writer.WriteAsync(i).ConfigureAwait(false);
        channel.Writer.Complete();
        await writer.ConfigureAwait(false);
    }

    /// <summary>Makes rows that are due.</summary>
    internal void MakeDue(int rows)
    {
        Execute("CREATE TABLE due_rows (id INTEGER PRIMARY KEY, wake_at INTEGER, host INTEGER, content BLOB NOT NULL)");
        Execute("CREATE INDEX due_rows_due ON due_rows (wake_at) WHERE host IS NULL AND wake_at IS NOT NULL");
        Execute($"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO due_rows SELECT i, i, NULL, zeroblob(100) FROM n");
    }

    /// <summary><b>claim</b>: takes all that is due, 100 rows a transaction, and then ends each as <b>group</b> does.</summary>
    internal void Claim()
    {
        using var claim = _connection.CreateCommand();
        claim.CommandText = "UPDATE due_rows SET host = 1, wake_at = NULL WHERE id IN "
            + "(SELECT id FROM due_rows WHERE host IS NULL AND wake_at IS NOT NULL AND wake_at <= 1000000000 ORDER BY wake_at LIMIT 100)";
        var rows = 0;
        while (claim.ExecuteNonQuery() is > 0 and var taken)
            rows += taken;
        Group(rows);
    }

    public void Dispose()
    {
        _upsert.Dispose();
        _connection.Dispose();
    }

    private void Put(SqliteTransaction transaction)
    {
        var now = (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        _upsert.Transaction = transaction;
        _id.Value = ++_lastId;
        BitConverter.TryWriteBytes(_keyBytes, _lastId * -0x61c8864680b583eb);
        _startedAt.Value = now;
        _endedAt.Value = now;
        _upsert.ExecuteNonQuery();
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
