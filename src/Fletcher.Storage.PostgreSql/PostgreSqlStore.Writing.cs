using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

public sealed partial class PostgreSqlStore
{
    /// <inheritdoc/>
    public async ValueTask WriteAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        _ = Opened;
        WriteBatchCheck.Check(batch);
        if (batch.Count > 0 || batch.Leases.Count > 0)
            await _writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask PutHostAsync(HostRecord host, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        cancellationToken.ThrowIfCancellationRequested();
        _ = Opened;
        await OnceAsync(
            (_hosts, host),
            static (batch, put) =>
            {
                put._hosts.Put(batch, put.host);
                return ValueTask.CompletedTask;
            },
            isLookedFor: false,
            cancellationToken).ConfigureAwait(false);
        await _partitions.KeepInTimeAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Does a transaction of its own once, although its answer may be lost.</summary>
    /// <param name="state">What is passed to <paramref name="fill"/>.</param>
    /// <param name="fill">Adds its statements.</param>
    /// <param name="isLookedFor">Whether hosts are told of it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    private async ValueTask<Outcome> OnceAsync<TState>(
        TState state, Func<NpgsqlBatch, TState, ValueTask> fill, bool isLookedFor, CancellationToken cancellationToken)
    {
        var receipt = _receipts.Take();
        var attempts = new Attempts();
        var outcome = await _server.RunAsync(
            (Store: this, receipt, state, fill, isLookedFor),
            static (attempt, q, _) => q.Store.TryAsync(attempt.Connection, q.receipt, q.state, q.fill, q.isLookedFor),
            attempts,
            cancellationToken).ConfigureAwait(false);

        // Not after an error: the server may still have it, and must find its number taken when it comes to it.
        _receipts.GiveBack(receipt);
        if (isLookedFor && !outcome.IsRefused)
            _hints.Tell();
        return outcome;
    }

    private async ValueTask<Outcome> TryAsync<TState>(
        NpgsqlConnection connection, Receipt receipt, TState state, Func<NpgsqlBatch, TState, ValueTask> fill, bool isLookedFor)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            _receipts.Enter(batch, receipt);
            await fill(batch, state).ConfigureAwait(false);
            if (isLookedFor)
                _hints.Give(batch);
            try
            {
                return new Outcome(await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false), IsRefused: false);
            }
            catch (PostgresException e) when (Receipts.IsDone(e))
            {
                return new Outcome(1, IsRefused: false);
            }
            catch (PostgresException e) when (RunLocks.IsRefused(e))
            {
                return new Outcome(0, IsRefused: true);
            }
        }
    }

    /// <summary>What became of a transaction.</summary>
    /// <param name="Changed">How many rows it changed; 1 when it was done by an attempt whose answer was lost.</param>
    /// <param name="IsRefused">Whether it found that it was not to be done.</param>
    private readonly record struct Outcome(int Changed, bool IsRefused);
}
