using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Writes a host's batches, one after the other. Each is one transaction and, but for names and large values that are new, one round trip.
/// </summary>
/// <remarks>
/// A batch that was given up while nobody knew whether it was committed comes again, with others behind it. Its ledger entries, log lines and
/// messages have no identity by which they would replace themselves; so this one remembers them, finds out first what became of the
/// batch, and leaves them out if it was committed.
/// </remarks>
internal sealed class BatchWriter : IAsyncDisposable
{
    private readonly Server _server;
    private readonly RecordRows _records;
    private readonly RunLocks _locks;
    private readonly Hints _hints;
    private readonly Receipts _receipts;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly int _lane;
    private Unsure? _unsure;

    public BatchWriter(Server server, RecordRows records, RunLocks locks, Receipts receipts, Hints hints)
    {
        _server = server;
        _records = records;
        _locks = locks;
        _hints = hints;
        _receipts = receipts;
        _lane = receipts.NewLane();
    }

    /// <exception cref="LeasesLostException">Others have runs of the batch by now. Nothing was written.</exception>
    public async ValueTask WriteAsync(WriteBatch records, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_unsure is { } unsure)
                records = await ResolveAsync(unsure, records, cancellationToken).ConfigureAwait(false);
            await WriteInTurnAsync(records, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Waits for the batch that is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        // Not disposed: whoever still waits for a turn gets it, and is told by the server.
        _turn.Release();
    }

    private async ValueTask WriteInTurnAsync(WriteBatch records, CancellationToken cancellationToken)
    {
        var receipt = _receipts.Next(_lane);
        var attempts = new Attempts();
        try
        {
            await _server.RunAsync(
                (Writer: this, records, receipt),
                static (attempt, write, _) => write.Writer.TryWriteAsync(attempt, write.records, write.receipt),
                attempts,
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (attempts.MayBeDone)
        {
            _unsure = new Unsure(receipt, records);
            throw;
        }
    }

    private async ValueTask<bool> TryWriteAsync(Attempt attempt, WriteBatch records, Receipt receipt)
    {
        var batch = new NpgsqlBatch(attempt.Connection);
        await using (batch.ConfigureAwait(false))
        {
            _receipts.Enter(batch, receipt);
            _locks.TakeLeases(batch, records);
            await _records.PrepareAsync(batch, records).ConfigureAwait(false);
            var noted = _records.Put(batch, records);
            var isLookedFor = Hints.IsLookedFor(records);
            if (isLookedFor)
                _hints.Give(batch);
            try
            {
                await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (PostgresException e) when (Receipts.IsDone(e))
            {
                if (isLookedFor)
                    _hints.Tell();
                return true;
            }
            catch (PostgresException e) when (RunLocks.Lost(e) is { } lost)
            {
                throw new LeasesLostException(lost);
            }

            _records.Committed(noted, records);
            if (isLookedFor)
                _hints.Tell();
            return true;
        }
    }

    /// <summary>Finds out what became of the batch that was given up, and takes out of the new one what is there already.</summary>
    private async ValueTask<WriteBatch> ResolveAsync(Unsure unsure, WriteBatch records, CancellationToken cancellationToken)
    {
        var isDone = await _server.RunAsync(
            (_receipts, unsure.Receipt),
            static (connection, q, _) => q._receipts.ResolveAsync(connection, q.Receipt),
            cancellationToken).ConfigureAwait(false);
        _unsure = null;
        return isDone ? unsure.Without(records) : records;
    }

    /// <summary>A batch of which nobody knows whether it was committed, and those of its records that must not be written twice.</summary>
    private sealed class Unsure(Receipt receipt, WriteBatch records)
    {
        // The caller may reuse the batch, and its records may be equal without being the same.
        private readonly HashSet<object> _appended = new([.. records.Ledger, .. records.Logs, .. records.Messages], ReferenceEqualityComparer.Instance);

        public Receipt Receipt => receipt;

        public WriteBatch Without(WriteBatch records)
        {
            var left = new WriteBatch();
            left.Append(records);
            left.Ledger.RemoveAll(_appended.Contains);
            left.Logs.RemoveAll(_appended.Contains);
            left.Messages.RemoveAll(_appended.Contains);
            return left;
        }
    }
}
