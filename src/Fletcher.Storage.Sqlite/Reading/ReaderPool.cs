using System.Collections.Concurrent;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Connections that only read. With a write-ahead log they see the last commit and wait for no writer; each reading is short
/// (long lists are read in pages), because a reading that stays open keeps the log from being folded back into the database.
/// </summary>
internal sealed class ReaderPool(string path, SqliteStoreOptions options) : IAsyncDisposable
{
    private static readonly int Most = Math.Max(4, Environment.ProcessorCount * 2);

    private readonly SemaphoreSlim _places = new(Most, Most);
    private readonly ConcurrentStack<Connection> _idle = new();
    private bool _isClosed;

    public async ValueTask<TResult> ReadAsync<TState, TResult>(
        TState state, Func<Connection, TState, TResult> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SqliteStore));
            if (TryRead(state, body, out var result))
                return result;

            // Readers meet a lock only while another process opens, closes or recovers the store.
            var wait = new BusyWait(path, options.BusyTimeout);
            do
            {
                await wait.PauseAsync(cancellationToken).ConfigureAwait(false);
            }
            while (!TryRead(state, body, out result));

            return result;
        }
        catch (SqliteFailureException e)
        {
            throw StoreErrors.From(e, path);
        }
        finally
        {
            _places.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < Most; i++)
            await _places.WaitAsync().ConfigureAwait(false);
        while (_idle.TryPop(out var connection))
            connection.Dispose();
        _isClosed = true;
        // Not disposed: whoever still waits for a place gets it, and is told.
        _places.Release(Most);
    }

    private bool TryRead<TState, TResult>(TState state, Func<Connection, TState, TResult> body, out TResult result)
    {
        result = default!;
        Connection? connection = null;
        try
        {
            connection = _idle.TryPop(out var idle) ? idle : Open();
            if (connection.HasMoved())
                throw StoreErrors.Gone(path);
            result = body(connection, state);
        }
        catch (Exception e)
        {
            // Failures are rare, so whatever state it is in, it is not used again.
            connection?.Dispose();
            if (e is SqliteFailureException { IsBusy: true })
                return false;
            throw;
        }

        _idle.Push(connection);
        return true;
    }

    private Connection Open()
    {
        var connection = Connection.Open(path, create: false);
        try
        {
            connection.Execute("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
