namespace Fletcher.Storage.Sqlite;

/// <summary>
/// The one connection that writes. Transactions come one after the other, in the order of arrival; each begins IMMEDIATE, so
/// that it never finds out in its middle that another process was faster, and is done again from its start when it could
/// not begin. A body that throws is rolled back: whole or nothing.
/// </summary>
internal sealed class WriterConnection : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Connection _connection;
    private readonly BatchWriter _writer;
    private readonly TimeSpan _busyTimeout;
    private readonly Action<LimitNews> _limits;
    private bool _isClosed;

    /// <param name="connection">The connection.</param>
    /// <param name="options">The store's options.</param>
    /// <param name="limits">Told what a transaction did of account to who waits for a limit, once it is committed.</param>
    public WriterConnection(Connection connection, SqliteStoreOptions options, Action<LimitNews> limits)
    {
        _limits = limits;
        _connection = connection;
        _writer = new BatchWriter(connection, options);
        _busyTimeout = options.BusyTimeout;
    }

    public async ValueTask<TResult> TransactAsync<TState, TResult>(
        TState state, Func<BatchWriter, TState, TResult> body, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SqliteStore));
            if (TryTransact(state, body, out var result))
                return result;

            var wait = new BusyWait(_connection.Path, _busyTimeout);
            do
            {
                await wait.PauseAsync(cancellationToken).ConfigureAwait(false);
            }
            while (!TryTransact(state, body, out result));

            return result;
        }
        catch (SqliteFailureException e)
        {
            throw StoreErrors.From(e, _connection.Path);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Does something outside a transaction while nobody else in this process writes.</summary>
    public async ValueTask<TResult> AloneAsync<TResult>(Func<Connection, TResult> body, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SqliteStore));
            if (_connection.HasMoved())
                throw StoreErrors.Gone(_connection.Path);
            var wait = new BusyWait(_connection.Path, _busyTimeout);
            while (true)
            {
                try
                {
                    return body(_connection);
                }
                catch (SqliteFailureException e) when (e.IsBusy)
                {
                    await wait.PauseAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (SqliteFailureException e)
        {
            throw StoreErrors.From(e, _connection.Path);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        _connection.Dispose();
        _isClosed = true;
        // Not disposed: whoever still waits for a turn gets it, and is told.
        _turn.Release();
    }

    private bool TryTransact<TState, TResult>(TState state, Func<BatchWriter, TState, TResult> body, out TResult result)
    {
        result = default!;
        try
        {
            // A deleted file can be written to without an error until the last handle closes, and all of it is lost then.
            if (_connection.HasMoved())
                throw StoreErrors.Gone(_connection.Path);
            if (!_connection.TryBegin())
                return false;

            result = body(_writer, state);
            _connection.Commit();
        }
        catch (Exception e)
        {
            _connection.Rollback();
            _writer.Forget();
            if (e is SqliteFailureException { IsBusy: true })
                return false;
            throw;
        }

        if (_writer.Limits.TakeNews() is { } news)
            _limits(news);
        return true;
    }
}
