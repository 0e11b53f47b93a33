using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// The way to the database: a pool of connections, and patience. What fails because the server is away, full or in the way of itself is tried
/// again until the limit is over; what cannot succeed fails at once. Waiting is in real time, as the server is real.
/// </summary>
/// <remarks>
/// A connection may be cut at any moment, so also between a commit and its answer. An attempt that follows such a cut is told so
/// (<see cref="Attempt.MayBeDone"/>), and must look whether there is anything left to do.
/// </remarks>
internal sealed class Server : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan OpeningLimit = TimeSpan.FromSeconds(10);

    private readonly NpgsqlDataSource _source;
    private readonly TimeSpan _limit;
    private volatile bool _isDisposed;

    public Server(NpgsqlConnectionStringBuilder address, SchemaName schema, TimeSpan limit)
    {
        Place = ServerAddress.Describe(address);
        Address = address;
        Schema = schema;
        _limit = limit;
        _source = new NpgsqlDataSourceBuilder(address.ConnectionString) { Name = "Fletcher" }.Build();
    }

    /// <summary>Host, port and database, for people.</summary>
    public string Place { get; }

    public NpgsqlConnectionStringBuilder Address { get; }

    public SchemaName Schema { get; }

    /// <summary>Told of the places that a transaction granted under limits, once it is committed.</summary>
    public Action<IReadOnlyList<Guid>>? Granted { get; set; }

    /// <summary>The clock that lanes of limits go by; null for the server's.</summary>
    public TimeProvider? LimitClock { get; init; }

    /// <summary>Reads, or does what may be done twice without harm.</summary>
    public ValueTask<TResult> RunAsync<TState, TResult>(
        TState state, Func<NpgsqlConnection, TState, CancellationToken, ValueTask<TResult>> body, CancellationToken cancellationToken) =>
        RunAsync(
            (state, body),
            static (attempt, call, token) => call.body(attempt.Connection, call.state, token),
            new Attempts(),
            cancellationToken);

    /// <summary>Does something that must not be done twice. Once an attempt has a connection, it is not cancelled.</summary>
    public async ValueTask<TResult> RunAsync<TState, TResult>(
        TState state, Func<Attempt, TState, CancellationToken, ValueTask<TResult>> body, Attempts attempts, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var limit = attempts.Limit ?? _limit;
        var pause = ShortestPause;
        while (true)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(PostgreSqlStore));
            var isConnected = false;
            try
            {
                var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    isConnected = true;
                    if (LimitClock is not null)
                        await LimitNotices.SetClockAsync(connection, LimitClock).ConfigureAwait(false);
                    var notices = new LimitNotices();
                    connection.Notice += notices.Hear;
                    var result = await CallAsync(body, new Attempt(connection, attempts.MayBeDone), state, cancellationToken).ConfigureAwait(false);
                    if (notices.Granted is { } granted)
                        Granted?.Invoke(granted);
                    return result;
                }
            }
            catch (Exception e) when (Troubles.Of(e) is var trouble and not Trouble.Foreign)
            {
                cancellationToken.ThrowIfCancellationRequested();
                attempts.MayBeDone |= isConnected && trouble == Trouble.Cut;
                var waited = TimeProvider.System.GetElapsedTime(began);
                if (trouble == Trouble.Lasting || waited > limit)
                    throw StoreErrors.From(e, this, waited);

                // One connection that was cut is seldom alone: each idle one would cost an attempt.
                if (trouble == Trouble.Cut)
                    _source.Clear();
                if (trouble == Trouble.Conflict)
                    continue;
            }

            await Task.Delay(pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Npgsql refuses a command on a connection that went after the one before as if it were a mistake of the program.</summary>
    private static async ValueTask<TResult> CallAsync<TState, TResult>(
        Func<Attempt, TState, CancellationToken, ValueTask<TResult>> body, Attempt attempt, TState state, CancellationToken cancellationToken)
    {
        try
        {
            return await body(attempt, state, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidOperationException e) when (attempt.Connection.State != System.Data.ConnectionState.Open)
        {
            throw new IOException("The connection was cut between two commands.", e);
        }
    }

    /// <summary>Opens the store. The same, but without much patience: somebody may be waiting to hear that the address is wrong.</summary>
    public async ValueTask OpenAsync(Func<NpgsqlConnection, CancellationToken, ValueTask> body, CancellationToken cancellationToken) =>
        await RunAsync(
            body,
            static async (attempt, body, token) =>
            {
                await body(attempt.Connection, token).ConfigureAwait(false);
                return true;
            },
            new Attempts { Limit = _limit < OpeningLimit ? _limit : OpeningLimit },
            cancellationToken).ConfigureAwait(false);

    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return _source.DisposeAsync();
    }
}
