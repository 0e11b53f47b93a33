using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Makes the partitions of the coming months, long before a run falls into them: making one waits for everybody who uses the table. By real time, as
/// run ids and the server are.
/// </summary>
internal sealed class PartitionKeeper(Server server)
{
    private const int MonthsAhead = 4;

    private static readonly TimeSpan Period = TimeSpan.FromDays(1);

    // Rather not now than keep others waiting: there are months left.
    private const string LockTimeout = "SET LOCAL lock_timeout = '3s'";

    private readonly string _make = $"SELECT {server.Schema}.make_partitions($1, $2)";

    private readonly string _isMissing =
        $"SELECT to_regclass('{server.Schema}.log_lines' || to_char(($1 AT TIME ZONE 'UTC') + interval '{MonthsAhead - 1} months', '_YYYY_MM')) IS NULL";

    private long _keptAt;

    /// <summary>Makes those that are missing. A user who may not, or a lock that cannot be had, is no error: runs then go to the rest.</summary>
    public async ValueTask KeepAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _keptAt, TimeProvider.System.GetTimestamp());
        try
        {
            await server.RunAsync(this, static (connection, keeper, token) => keeper.KeepAsync(connection, token), cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // The default partition takes what has no other.
        }
    }

    /// <summary>The same, but once a day.</summary>
    public ValueTask KeepInTimeAsync(CancellationToken cancellationToken) =>
        TimeProvider.System.GetElapsedTime(Volatile.Read(ref _keptAt)) < Period ? ValueTask.CompletedTask : KeepAsync(cancellationToken);

    private async ValueTask<bool> KeepAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow().ToDatabase();
        var look = new NpgsqlBatch(connection);
        await using (look.ConfigureAwait(false))
        {
            look.Add(_isMissing).With(now);
            if (await look.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is false)
                return false;
        }

        var make = new NpgsqlBatch(connection);
        await using (make.ConfigureAwait(false))
        {
            make.Add(LockTimeout);
            make.Add(_make).With(now).With(MonthsAhead);
            await make.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
    }
}
