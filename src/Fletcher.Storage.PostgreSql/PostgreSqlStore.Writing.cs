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
            cancellationToken).ConfigureAwait(false);
        await _partitions.KeepInTimeAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Does a transaction of its own once, although its answer may be lost.</summary>
    private async ValueTask<Outcome> OnceAsync<TState>(TState state, Func<NpgsqlBatch, TState, ValueTask> fill, CancellationToken cancellationToken)
    {
        var receipt = _receipts.Take();
        var attempts = new Attempts();
        var outcome = await _server.RunAsync(
            (_receipts, receipt, state, fill),
            static (attempt, q, _) => TryAsync(attempt.Connection, q._receipts, q.receipt, q.state, q.fill),
            attempts,
            cancellationToken).ConfigureAwait(false);

        // Not after an error: the server may still have it, and must find its number taken when it comes to it.
        _receipts.GiveBack(receipt);
        return outcome;
    }

    private static async ValueTask<Outcome> TryAsync<TState>(
        NpgsqlConnection connection, Receipts receipts, Receipt receipt, TState state, Func<NpgsqlBatch, TState, ValueTask> fill)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            receipts.Enter(batch, receipt);
            await fill(batch, state).ConfigureAwait(false);
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
