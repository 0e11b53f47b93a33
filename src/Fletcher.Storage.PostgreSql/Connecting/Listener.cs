using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Hears what <see cref="Hints"/> tells, on a connection of its own, for all who listen to the store. It begins with the first of them, and connects
/// again by itself; then it says that there may be something, as it may have missed it. What this writer itself wrote it is told at once.
/// </summary>
internal sealed class Listener(Server server, Guid writer) : IAsyncDisposable
{
    private const int KeepAliveSeconds = 30;

    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = new();
    private readonly ListenerList _listeners = new();
    private readonly ListenerList _limits = new();
    private Task? _loop;

    /// <summary>Told of places under limits that another transaction granted, by this store or another.</summary>
    public Action<IReadOnlyList<Guid>>? Granted { get; set; }

    public IDisposable Add(Action heard) => Add(_listeners, heard);

    /// <summary>Adds one who waits for a place under a limit. It is called for what <see cref="Granted"/> is not told.</summary>
    public IDisposable AddForLimits(Action heard) => Add(_limits, heard);

    public void Tell() => _listeners.Tell();

    public async ValueTask DisposeAsync()
    {
        Task? loop;
        lock (_gate)
        {
            loop = _loop;
        }

        await _end.CancelAsync().ConfigureAwait(false);
        if (loop is not null)
            await loop.ConfigureAwait(false);
    }

    private IDisposable Add(ListenerList listeners, Action heard)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_end.IsCancellationRequested, typeof(PostgreSqlStore));
            var listening = listeners.Add(heard);

            // Without the context of who listens first: it would be kept as long as the store.
            using var apart = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
            _loop ??= Task.Run(LoopAsync);
            return listening;
        }
    }

    private async Task LoopAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await ListenAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException || Troubles.Of(e) != Trouble.Foreign)
            {
                // Whoever waits for the hint looks by itself too, only later.
                await Task.Delay(PauseAfterError, TimeProvider.System, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenAsync()
    {
        // Not of the pool: it is never given back, and what goes through a pooler in transaction mode hears nothing.
        var address = new NpgsqlConnectionStringBuilder(server.Address.ConnectionString) { Pooling = false, KeepAlive = KeepAliveSeconds };
        var connection = new NpgsqlConnection(address.ConnectionString);
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync(_end.Token).ConfigureAwait(false);
            var batch = new NpgsqlBatch(connection);
            await using (batch.ConfigureAwait(false))
            {
                batch.Add($"LISTEN {server.Schema.Channel}");
                await batch.ExecuteNonQueryAsync(_end.Token).ConfigureAwait(false);
            }

            Tell();
            _limits.Tell();
            // Its own were told when they were committed.
            var own = writer.ToString();
            connection.Notification += (_, notification) =>
            {
                if (LimitNotices.Read(notification.Payload) is { } granted)
                    Granted?.Invoke(granted);
                else if (notification.Payload == LimitNotices.Due)
                    _limits.Tell();
                else if (notification.Payload != own)
                    Tell();
            };
            while (true)
            {
                await connection.WaitAsync(_end.Token).ConfigureAwait(false);
            }
        }
    }
}
