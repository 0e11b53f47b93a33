using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// The one way by which a host's records reach its store: many runs, one transaction. Each record gets a ticket; who needs
/// to know that it is committed waits for the ticket.
/// </summary>
/// <remarks>
/// <para>Whoever waits while nobody commits does it itself, on its own thread: a sequential flow pays for its commit and for
/// no hand-over. While a commit is under way, others collect for the next one, which the pump does. Records that nobody waits
/// for are committed by the pump some milliseconds later.</para>
/// <para>Invariants: at most one commit at a time; batches in the order of their tickets; a batch that could not be written
/// stays first in line, so that order holds and nothing is lost when the store comes back; records made under a lease that is
/// lost are dropped, and the lease is marked before anybody who waits for them goes on. Attacked by GroupCommitWriterTests.</para>
/// </remarks>
internal sealed class GroupCommitWriter : IAsyncDisposable
{
    /// <summary>
    /// So many records are committed even if nobody waits: whoever makes them is not going to commit them soon, and can make
    /// the next ones meanwhile. What is made during a commit goes into the next, so larger batches come by themselves.
    /// </summary>
    private const int LargeBatch = 128;

    /// <summary>With more records waiting than this, producers wait too: memory stays bounded.</summary>
    private const int FullBatch = 8 * 1024;

    /// <summary>How long a record may lie uncommitted when nobody waits for it.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(3);

    private static readonly TimeSpan RetryAfterError = TimeSpan.FromSeconds(1);

    private readonly IRunStore _store;
    private readonly Lock _gate = new();
    private readonly List<(long Ticket, TaskCompletionSource Source)> _waiters = [];
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _pump;
    private readonly Action<RunLease> _lost;
    private WriteBatch _pending = new();
    private WriteBatch _spare = new();
    private long _ticket;
    private long _committed;
    private bool _committing;
    private bool _pumpAwake;
    private bool _disposed;

    /// <param name="store">Where records go.</param>
    /// <param name="lost">Told of each lease that the store refuses, before those who wait for its records go on. Must be quick.</param>
    internal GroupCommitWriter(IRunStore store, Action<RunLease> lost)
    {
        _store = store;
        _lost = lost;
        _pump = new Thread(Pump) { IsBackground = true, Name = "Fletcher writer" };
        _pump.UnsafeStart();
    }

    /// <summary>Everything up to this ticket is committed.</summary>
    internal long Committed => Volatile.Read(ref _committed);

    /// <summary>Adds a record that was made under a lease; if the lease is lost it is dropped.</summary>
    internal long Add(StepRunRecord step, Lease lease)
    {
        lock (_gate)
        {
            if (!Holds(lease, step.RunId))
                return _ticket;
            _pending.StepRuns.Add(step);
            return Added();
        }
    }

    /// <inheritdoc cref="Add(StepRunRecord,Lease)"/>
    internal long Add(FlowRunRecord run, Lease lease)
    {
        lock (_gate)
        {
            if (!Holds(lease, run.Id))
                return _ticket;
            _pending.FlowRuns.Add(run);
            return Added();
        }
    }

    /// <inheritdoc cref="Add(StepRunRecord,Lease)"/>
    internal long Add(LogLine line, Lease lease)
    {
        lock (_gate)
        {
            if (!Holds(lease, line.RunId))
                return _ticket;
            _pending.Logs.Add(line);
            return Added();
        }
    }

    /// <summary>Adds several records of one run that must become visible together, made under a lease; if it is lost they are dropped.</summary>
    internal long Add(RunId run, Lease lease, Action<WriteBatch> add)
    {
        lock (_gate)
        {
            if (!Holds(lease, run))
                return _ticket;
            add(_pending);
            return Added();
        }
    }

    /// <summary>Drops what was added under a lease that is lost; done before anything is added for the same run under a newer one.</summary>
    internal void Drop(RunLease lease)
    {
        lock (_gate)
        {
            _pending.RemoveLost(new HashSet<RunLease> { lease });
            if (!_committing)
                Settle(_committed);
        }
    }

    /// <summary>Returns when everything up to the ticket is committed.</summary>
    /// <exception cref="StoreUnavailableException">The store did not take it. It stays in line.</exception>
    internal ValueTask CommitAsync(long ticket)
    {
        if (Committed >= ticket)
            return ValueTask.CompletedTask;

        WriteBatch batch;
        long last;
        lock (_gate)
        {
            if (_committed >= ticket)
                return ValueTask.CompletedTask;
            if (_committing)
            {
                var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiters.Add((ticket, source));
                return new ValueTask(source.Task);
            }

            (batch, last) = Take();
        }

        return WriteAsync(batch, last);
    }

    /// <summary>Returns at once while there is room, and otherwise when the backlog has been written.</summary>
    internal ValueTask WaitForRoomAsync(long ticket) =>
        ticket - Committed < FullBatch ? ValueTask.CompletedTask : CommitAsync(ticket - (FullBatch / 2));

    /// <summary>Commits everything that was added so far.</summary>
    internal ValueTask FlushAsync()
    {
        long last;
        lock (_gate)
            last = _ticket;
        return CommitAsync(last);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                Volatile.Write(ref _disposed, true);
                _wake.Set();
            }

            _pump.Join();
            _wake.Dispose();
        }
    }

    private bool Holds(Lease lease, RunId run)
    {
        if (lease.IsLost)
            return false;

        // A batch knows one lease for a run. What was made under an older one must not be written under a newer.
        if (_pending.Leases.TryGetValue(run, out var known) && known != lease.Key)
        {
            if (known.Fence > lease.Key.Fence)
            {
                lease.Lose();
                return false;
            }

            _pending.RemoveLost(new HashSet<RunLease> { known });
        }

        _pending.Leases[run] = lease.Key;
        return true;
    }

    private long Added()
    {
        if (!_pumpAwake || _pending.Count == LargeBatch)
        {
            _pumpAwake = true;
            Wake();
        }

        return ++_ticket;
    }

    private (WriteBatch Batch, long Last) Take()
    {
        _committing = true;
        var batch = _pending;
        _pending = _spare;
        return (batch, _ticket);
    }

    private async ValueTask WriteAsync(WriteBatch batch, long last)
    {
        try
        {
            while (!await TryWriteAsync(batch).ConfigureAwait(false))
            {
            }
        }
        catch (Exception e)
        {
            Failed(batch, e);
            throw;
        }

        Written(batch, last);
    }

    /// <summary>Writes the batch; false when leases in it were lost, whose records are not in it any more.</summary>
    private async ValueTask<bool> TryWriteAsync(WriteBatch batch)
    {
        try
        {
            RecordMask.Apply(batch);
            await _store.WriteAsync(batch, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (LeasesLostException e)
        {
            foreach (var lease in e.Leases)
                _lost(lease);
            batch.RemoveLost(e.Leases);
            return false;
        }
    }

    private void Written(WriteBatch batch, long last)
    {
        batch.Clear();
        lock (_gate)
        {
            _spare = batch;
            _committing = false;
            Settle(last);
            if (_waiters.Count > 0)
                Wake();
        }
    }

    /// <summary>
    /// Notes that everything up to the ticket is in the store, or dropped. When nothing is in line, that holds for every ticket that was given out: whoever waits for a record that was
    /// dropped would else wait for ever, as nobody commits nothing. Called under the lock while nobody commits.
    /// </summary>
    private void Settle(long last)
    {
        if (_pending.Count == 0)
            last = _ticket;
        Volatile.Write(ref _committed, last);
        _waiters.RemoveAll(waiter =>
        {
            if (waiter.Ticket > last)
                return false;
            waiter.Source.SetResult();
            return true;
        });
    }

    /// <summary>Wakes the pump, if there still is one: code that was left behind at a time limit may write when all is over. Called under the lock.</summary>
    private void Wake()
    {
        if (!_disposed)
            _wake.Set();
    }

    /// <summary>Puts the batch back in front of what was added meanwhile, and tells all who wait.</summary>
    private void Failed(WriteBatch batch, Exception error)
    {
        lock (_gate)
        {
            batch.Append(_pending);
            _pending.Clear();
            _spare = _pending;
            _pending = batch;
            _committing = false;
            foreach (var (_, source) in _waiters)
                source.SetException(error);
            _waiters.Clear();
        }
    }

    private void Pump()
    {
        while (!Volatile.Read(ref _disposed))
        {
            _wake.WaitOne();
            while (PumpOnce())
            {
            }
        }
    }

    /// <summary>Commits what is due; false when there is nothing left to look after.</summary>
    private bool PumpOnce()
    {
        long before;
        bool urgent;
        lock (_gate)
        {
            if (_disposed || (_pending.Count == 0 && !_committing))
            {
                _pumpAwake = false;
                return false;
            }

            before = _committed;
            urgent = IsUrgent();
        }

        // Nobody waits: give a waiter the time to come and commit on its own thread. While somebody commits, there is
        // nothing to do but to be woken at its end.
        if (!urgent)
            _wake.WaitOne(Linger);

        WriteBatch batch;
        long last;
        lock (_gate)
        {
            // If somebody has committed in the meantime, what is pending is young. At the end, who disposes has tried it all.
            if (_disposed || _committing || _pending.Count == 0 || (_committed != before && !IsUrgent()))
                return true;
            (batch, last) = Take();
        }

        try
        {
            WriteAsync(batch, last).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception)
        {
            // The records stay in line, and whoever waits for them is told. Until somebody does, try again in a while.
            _wake.WaitOne(RetryAfterError);
        }

        return true;
    }

    private bool IsUrgent() => !_committing && (_waiters.Count > 0 || _pending.Count >= LargeBatch);
}
