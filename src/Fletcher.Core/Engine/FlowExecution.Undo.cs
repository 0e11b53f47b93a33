using Fletcher.Diagnosis;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>
/// Undoing. A step that has an undo leaves a record of it when it completes. Before a run ends badly these are executed, the newest first, each a step run of its own. That it
/// undoes is stored before: whoever goes on with the run goes on with that, and does not execute the body.
/// </summary>
/// <remarks>
/// Undo steps have a token of their own, which only a host that leaves or loses the run cancels. So a cancelled run undoes; and while one does, nobody loses patience with it
/// (<see cref="IsUndoingInside"/>). Attacked by UndoCrashTests, with a crash at each write.
/// </remarks>
internal abstract partial class FlowExecution
{
    private SortedDictionary<int, PendingUndo>? _undos;
    private CancellationTokenSource? _undoStop;
    private int _undoings;

    /// <summary>Whether the run was called inside a transaction of the run around it, so that what it does may still be undone when it has ended.</summary>
    internal bool IsInTransaction { get; init; }

    /// <summary>Cancelled when this host is not to go on with the run; not when the run is cancelled.</summary>
    internal CancellationToken UndoToken => Root.UndoSource.Token;

    private CancellationTokenSource UndoSource
    {
        get
        {
            lock (_gate)
            {
                var stop = LazyInitializer.EnsureInitialized(ref _undoStop);
                if (_isLeaving || Lease.IsLost)
                    stop.Cancel();
                return stop;
            }
        }
    }

    /// <summary>Makes the record of the undo of a step that has just completed.</summary>
    internal StepRunRecord AddUndo(StepExecution step, UndoDefinition undo, Call inputs)
    {
        var (hash, arguments) = InputRecorder.Record(inputs, step.Key, 2, Host.Codec, null);
        var record = new StepRunRecord
        {
            RunId = Id,
            Sequence = NextSequence(),
            Key = new StepKey(hash, 0),
            Step = undo.Step.Code,
            ParentSequence = step.Caller.Transaction?.Sequence ?? 0,
            State = StepRunState.Waiting,
            AtMostOnce = undo.Step.Delivery == Delivery.AtMostOnce,
            Undoes = step.Sequence,
            Reason = $"undoes '{step.Call.Name() ?? step.Id}'",
            Arguments = arguments ?? "{}"u8.ToArray(),
        };
        Keep(new PendingUndo(record, undo, undo.UsesCall ? step.Call : null));
        lock (_gate)
            Memory?.Undoable.Add(step.Sequence);
        return record;
    }

    /// <summary>Whether something was kept to undo a step run with, by this execution or by an earlier one.</summary>
    internal bool HasUndo(int sequence)
    {
        lock (_gate)
            return Memory is null || Memory.Undoable.Contains(sequence);
    }

    /// <summary>What is yet to be undone, oldest first.</summary>
    internal IReadOnlyList<PendingUndo> Undos()
    {
        lock (_gate)
            return _undos is null ? [] : [.. _undos.Values];
    }

    internal void RemoveUndo(int sequence)
    {
        lock (_gate)
            _undos?.Remove(sequence);
    }

    /// <summary>Takes what a sub-flow that has completed did, so that it is undone with what the caller did; for the batch with the sub-flow's end.</summary>
    internal Action<WriteBatch> TakeOver(StepExecution subFlow, IReadOnlyList<PendingUndo> undos) => subFlow.Caller.IsUndoing
        ? batch => AddInside(batch, undos.Select(undo => undo.Dropped(Host.Now, "it was done to undo something")))
        : TakeOver(undos, subFlow.Caller.Transaction?.Sequence ?? 0);

    private Action<WriteBatch> TakeOver(IReadOnlyList<PendingUndo> undos, int parentSequence)
    {
        List<StepRunRecord> records = [];
        foreach (var undo in undos)
        {
            records.Add(undo.Dropped(Host.Now, "the flow that called this one undoes it"));
            var record = undo.Record with
            {
                RunId = Id,
                Sequence = NextSequence(),
                ParentSequence = parentSequence,
                UndoesRunId = undo.Record.UndoesRunId ?? undo.Record.RunId,
            };
            Keep(undo with { Record = record });
            records.Add(record);
        }

        return batch => AddInside(batch, records);
    }

    /// <summary>Adds step runs of this run and of sub-flows, all under the one lease of the family.</summary>
    private void AddInside(WriteBatch batch, IEnumerable<StepRunRecord> records)
    {
        foreach (var record in records)
        {
            batch.Leases[record.RunId] = Lease.Key;
            batch.StepRuns.Add(record);
        }
    }

    /// <summary>Takes out what is inside a transaction (all of it when there is none): it stands, and is not undone any more.</summary>
    internal IReadOnlyList<PendingUndo> DropUndos(TransactionStep? inside)
    {
        lock (_gate)
        {
            if (_undos is null)
                return [];
            var dropped = _undos.Values.Where(undo => IsInside(undo, inside)).ToList();
            foreach (var undo in dropped)
                _undos.Remove(undo.Sequence);
            return dropped;
        }
    }

    /// <summary>A result that was undone must not answer another run.</summary>
    internal void ForgetCached(StepRunRecord? undone, WriteBatch batch)
    {
        if (undone is null || Host.FindStep(undone.Step.Name, Call)?.Policy.CacheFor is null)
            return;
        batch.Cache.Add(new CacheEntry
        {
            Step = undone.Step.Name,
            Key = undone.Key.Hash,
            SourceHash = undone.Step.SourceHash,
            RunId = undone.RunId,
            Sequence = 0,
            MadeAt = Host.Now,
        });
    }

    /// <summary>Undoes what is inside a transaction, or all there is, the newest first; says how many steps that were, in words.</summary>
    /// <exception cref="UndoFailure">An undo failed after its retries; what is older is not undone.</exception>
    internal async Task<string> UndoAsync(TransactionStep? inside, DateTimeOffset since, long seen)
    {
        lock (_gate)
            _undoings++;
        try
        {
            await Host.FlushAsync().ConfigureAwait(false);
            Lease.ThrowIfLost();
            var scope = Scope.ForUndo(this, inside?.Caller.Body ?? Body, seen);
            var log = await UndoLog.ReadAsync(this).ConfigureAwait(false);
            await MarkResolvedAsync(log).ConfigureAwait(false);
            if (inside is null)
                await AdoptAsync(log.Steps).ConfigureAwait(false);
            var count = log.Steps.Count(step => step is { State: StepRunState.Completed, Undoes: not 0 } && step.EndedAt >= since && IsInside(new PendingUndo(step), inside));
            for (; Newest(inside) is { } pending; count++)
                await UndoAsync(pending, scope, log).ConfigureAwait(false);
            return Undoing.Count(count, inside is null ? log.Steps : []);
        }
        finally
        {
            lock (_gate)
                _undoings--;
        }
    }

    /// <summary>Marks what somebody said is undone: he wrote down that the undo took effect, and no more.</summary>
    private async Task MarkResolvedAsync(UndoLog log)
    {
        foreach (var undo in log.Steps.Where(step => step is { Undoes: not 0, State: StepRunState.Completed }).ToList())
        {
            await log.ReadAsync(undo).ConfigureAwait(false);
            if (log.Undone(undo) is { Discarded: false })
                Write(batch => log.Mark(undo, batch));
        }
    }

    /// <summary>Ends the run after what it did has been undone, or leaves it in the middle of that. Throws what the flow failed with.</summary>
    private async ValueTask CloseAsync(FlowRunState state, string? reason, Exception error)
    {
        if (UndoFailedException.Find(error) is not null)
        {
            // A part of it is half undone, and what came before must not be undone in its place.
            var left = Undos().Count == 0 ? null : new UndoingRecord(FlowRunState.Failed, Host.Now, reason);
            await EndAsync(FlowRunState.Failed, "something could not be undone; a retry goes on with the undoing first", error, undoing: left).ConfigureAwait(false);
        }

        if (Undos().Count == 0 && Memory is not null)
        {
            await Host.FlushAsync().ConfigureAwait(false);
            await AdoptAsync((await UndoLog.ReadAsync(this).ConfigureAwait(false)).Steps).ConfigureAwait(false);
        }

        if (Undos().Count == 0)
        {
            await EndAsync(state, reason, error).ConfigureAwait(false);
            return;
        }

        var kept = Host.Capture(error, Causes.Tie(error, Id, 0));
        var from = Record.State;
        Change(Record with
        {
            State = state == FlowRunState.Cancelled ? FlowRunState.Cancelling : FlowRunState.Running,
            Undoing = new UndoingRecord(state, Host.Now, reason),
            Error = kept,
            Reason = "what it did is being undone",
        });
        Ledger(from, $"{reason ?? ErrorCapture.Summary(error)}; what it did is being undone", null);
        await FinishUndoingAsync(error, kept).ConfigureAwait(false);
    }

    /// <summary>Goes on with the undoing that an earlier execution began. False when the run was left; true when its body is to be executed then.</summary>
    private async ValueTask<bool> ContinueUndoingAsync()
    {
        var kept = Record.Error is { } stored ? Undoing.Original(stored) : new ErrorRecord { Type = "Fletcher.Unknown", Message = "its error is not known" };
        Change(Record with { Error = kept, Reason = "what it did is being undone" });
        return await FinishUndoingAsync(new EarlierFailureException(kept), kept).ConfigureAwait(false);
    }

    private async ValueTask<bool> FinishUndoingAsync(Exception error, ErrorRecord kept)
    {
        var seen = Write(Record);
        Host.Observers.FlowRunChanged(Record, Definition);
        var (undone, failure) = await UndoInTurnAsync(Record.Undoing!.Since, seen).ConfigureAwait(false);
        if (IsFrozen)
            return false;
        Lease.ThrowIfLost();
        var undoing = Record.Undoing!;
        switch (failure)
        {
            case null when undoing.To == FlowRunState.Running:
                Change(Record with { Undoing = null, Error = null, Reason = null });
                Ledger(FlowRunState.Running, $"{undone}; now the flow is executed again", null);
                await CommitAsync(Write(Record)).ConfigureAwait(false);
                Memory = await LoadMemoryAsync().ConfigureAwait(false);
                Forget();
                StopIfAsked(); // what was asked meanwhile
                return true;
            case null:
                await EndAsync(undoing.To, undoing.Reason is { } why ? $"{why}; {undone}" : undone, error, kept).ConfigureAwait(false);
                break;
            case UndoFailure undo:
                var half = Undoing.Failed(undo, error);
                await EndAsync(FlowRunState.Failed, Undoing.Action(undo), half, Undoing.Capture(this, half, kept), undoing with { To = FlowRunState.Failed }).ConfigureAwait(false);
                break;
            case StoreUnavailableException:
                await EndAsync(FlowRunState.Crashed, "the store was not available", failure, kept, undoing).ConfigureAwait(false);
                break;
            default:
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
                break;
        }

        return false;
    }

    /// <summary>Undoes all there is as the body is executed: until it is done, or the run is left.</summary>
    private async ValueTask<(string? Undone, Exception? Failure)> UndoInTurnAsync(DateTimeOffset since, long seen)
    {
        var turn = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (IsFrozen)
                return default;
            Forget();
            _turn = turn;
            _undoings++; // for good: what ends the run from outside waits for the undoing, however the pieces follow each other
        }

        var undoing = UndoAsync(null, since, seen);
        _body = TakeUndoTurnAsync(turn, undoing);
        var failure = await turn.Task.ConfigureAwait(false);
        lock (_gate)
        {
            _undoings--;
            _isClosed = true;
        }

        return (failure is null && undoing.IsCompletedSuccessfully ? await undoing.ConfigureAwait(false) : null, failure);
    }

    private static async Task TakeUndoTurnAsync(TaskCompletionSource<Exception?> turn, Task undoing)
    {
        Exception? failure = null;
        try
        {
            await undoing.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
        }

        turn.TrySetResult(failure);
    }

    private async ValueTask UndoAsync(PendingUndo pending, Scope scope, UndoLog log)
    {
        await log.ReadAsync(pending.Record).ConfigureAwait(false);
        var undone = log.Undone(pending.Record);
        var name = undone?.Step.Name ?? $"step run {pending.Record.Undoes}";
        try
        {
            var definition = pending.Definition ?? (undone is null ? null : Host.FindStep(undone.Step.Name, Call)?.Undo)
                ?? throw new FletcherUsageException(
                    "FLT1307", $"Step run {pending.Record.Undoes} of '{name}' is to be undone by '{pending.Record.Step.Name}', but this program has no such step with an Undo. Run it with the code that has.");
            var arguments = new StoredArguments($"step '{definition.Step.Id}'", pending.Record.Arguments ?? "{}"u8.ToArray(), Host.Codec, null, Given(pending));
            await definition.Create(scope, pending.Record, arguments, log).ExecuteAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (RunLostException or StoreUnavailableException))
        {
            await KeepAsStoredAsync(pending).ConfigureAwait(false);
            throw new UndoFailure(pending.Record.Step.Name, name, e);
        }
    }

    private Func<string, object?> Given(PendingUndo pending) =>
        name => pending.Call?.Given(name) ?? (name == "this" ? Call.Given(name) : null);

    private PendingUndo? Newest(TransactionStep? inside)
    {
        lock (_gate)
            return _undos?.Values.LastOrDefault(undo => IsInside(undo, inside));
    }

    private bool IsInside(PendingUndo undo, TransactionStep? transaction)
    {
        if (transaction is null)
            return true;
        for (var at = undo.Record.ParentSequence; at != 0; at = _transactions?.GetValueOrDefault(at) ?? 0)
        {
            if (at == transaction.Sequence)
                return true;
        }

        return false;
    }

    /// <summary>An undo that failed, or of which nobody knows, is still to be done; but no execution begins it as if it had never begun.</summary>
    private async ValueTask KeepAsStoredAsync(PendingUndo undo)
    {
        await Host.FlushAsync().ConfigureAwait(false);
        await foreach (var step in Host.Store.GetStepRunsAsync(Id, CancellationToken.None).ConfigureAwait(false))
        {
            if (step.Sequence == undo.Sequence)
                Keep(undo with { Record = step });
        }
    }

    private void Keep(PendingUndo undo)
    {
        lock (_gate)
            (_undos ??= [])[undo.Sequence] = undo;
    }

    /// <summary>What an earlier execution left to be undone; what this one knows itself it knows better.</summary>
    private void RememberUndos(RunMemory memory)
    {
        if (memory.Undos.Count == 0)
            return;
        lock (_gate)
        {
            foreach (var (transaction, outer) in memory.Transactions)
                (_transactions ??= []).TryAdd(transaction, outer);
            _undos ??= [];
            foreach (var undo in memory.Undos)
                _undos.TryAdd(undo.Sequence, undo);
        }
    }
}
