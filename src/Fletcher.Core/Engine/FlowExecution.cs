using Fletcher.Diagnosis;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>How an execution left its run.</summary>
internal enum Departure
{
    /// <summary>The run ended.</summary>
    Ended,
    /// <summary>The run waits, and needs no memory here for that.</summary>
    Parked,
    /// <summary>The host stops, and any host may go on with the run.</summary>
    HandedOver,
}

/// <summary>
/// One flow run while it executes. It knows no result type, so that its code exists once; <see cref="FlowExecution{T}"/>
/// adds the type. The steps inside it are in FlowExecution.Steps.cs, waiting and parking in FlowExecution.Rest.cs, and whatever
/// stops it from outside in FlowExecution.Stop.cs.
/// </summary>
internal abstract partial class FlowExecution
{
    private readonly CancellationTokenSource _stop;
    private Task _body = Task.CompletedTask;
    private readonly CancellationTokenSource? _expiry;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<string> _tags;

    protected FlowExecution(FletcherHost host, Call call, FlowRunRecord record, FlowExecution? parent, CancellationToken outer)
    {
        Host = host;
        Call = call;
        Definition = (FlowDefinition)call.Definition;
        Record = record;
        Causes = parent?.Causes ?? new Causes();

        // A sub-flow with a key of its own is shared by many callers, so it belongs to no family but its own.
        Root = parent is not null && parent.Record.RootRunId == record.RootRunId ? parent.Root : this;
        _gate = Root == this ? new Lock() : Root._gate;
        Lease = Root == this ? new Lease(record) : Root.Lease;
        _tags = record.Tags;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(outer, call.CallerToken);
        _expiry = Definition.Timeout is null ? null : CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Token = (_expiry ?? _stop).Token;
    }

    internal FletcherHost Host { get; }

    internal Call Call { get; }

    internal FlowDefinition Definition { get; }

    internal FlowRunRecord Record { get; private set; }

    internal RunId Id => Record.Id;

    /// <summary>The execution of the outermost run of the family; it has the lease.</summary>
    internal FlowExecution Root { get; }

    /// <summary>What its records are written under.</summary>
    internal Lease Lease { get; }

    internal Causes Causes { get; }

    internal ResultTracker Results { get; } = new();

    /// <summary>What earlier executions left; null when this is the first.</summary>
    internal RunMemory? Memory { get; private set; }

    /// <summary>Whether a person asked for this execution, so that at-most-once steps that failed may be tried again.</summary>
    internal bool IsAskedFor { get; set; }

    /// <summary>Cancelled when the run is to stop, and when its time is up.</summary>
    internal CancellationToken Token { get; }

    /// <summary>Completes when the execution is over, however it left the run.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>Executes the body until the run ends, or this host need not go on with it. Throws what the flow failed with.</summary>
    /// <param name="seen">The ticket of the record that begins or continues the run.</param>
    /// <param name="resumes">Whether there are earlier executions to remember.</param>
    internal ValueTask<Departure> RunAsync(long seen, bool resumes) =>
        Host.Faults is { } faults ? RunAsync(faults, seen, resumes) : ExecuteAsync(seen, resumes);

    // Apart, or every run would pay for the closure.
    private ValueTask<Departure> RunAsync(FaultPoints faults, long seen, bool resumes) =>
        faults.RunAsync(this, () => ExecuteAsync(seen, resumes));

    private async ValueTask<Departure> ExecuteAsync(long seen, bool resumes)
    {
        _readUpTo = resumes ? long.MaxValue : Record.LastMessage;
        Host.Begin(this);
        try
        {
            if (resumes)
                Memory = await LoadMemoryAsync().ConfigureAwait(false);
            if (Root == this && (resumes || Record.LastMessage != Host.LastMessage))
                await ReadMessagesAsync().ConfigureAwait(false);

            if (Root != this)
                StopIfAsked();

            // It was claimed when the host was told to stop, and is not among those that it hands over.
            if (Host.IsStopping && Root == this)
                _ = HandOverAsync(Host.EndReason ?? "its host stops", Host.ShutdownGrace, CancellationToken.None);
            Host.Observers.FlowRunChanged(Record, Definition);
            var departure = await RunAttemptsAsync(seen).ConfigureAwait(false);
            if (departure == Departure.Ended || Root == this)
                return departure;
        }
        finally
        {
            Host.End(this);
            GiveWay(false);
            _ended.TrySetResult();

            // Unlinks it from tokens that live much longer. Code that was left behind may go on to ask the token.
            _stop.Dispose();
        }

        // The caller is a step of a run that is dropped too.
        Host.Disown(Id);
        await Forever(Outer).ConfigureAwait(false);
        return Departure.Parked;
    }

    internal void AddTag(string tag)
    {
        lock (_gate)
        {
            if (!_tags.Contains(tag))
                _tags = [.. _tags, tag];
        }
    }

    /// <summary>Calls the method once and keeps what it returns.</summary>
    protected abstract ValueTask InvokeAsync(CancellationToken cancellationToken);

    /// <summary>The stored form of what was returned.</summary>
    protected abstract StoredValue? EncodeResult();

    private async ValueTask<Departure> RunAttemptsAsync(long seen)
    {
        var policy = Definition.Policy;
        if (policy.Timeout is { } timeout && (Record.ExpiresAt is null || IsAskedFor))
            Change(Record with { ExpiresAt = Host.Now + timeout });
        var deadline = Record.ExpiresAt ?? DateTimeOffset.MaxValue;
        if (Record.IsUndoing && !await ContinueUndoingAsync().ConfigureAwait(false))
            return await DepartAsync().ConfigureAwait(false);
        if (Record.NextAttemptAt is { } due)
            seen = await RestUntilAsync(due, Record.Attempt).ConfigureAwait(false);
        for (var attempt = Record.Failures + 1; !IsFrozen; attempt++)
        {
            var error = HasNothingToStop
                ? new OperationCanceledException(StopReason)
                : await ExecuteUnderLimitAsync(seen, deadline).ConfigureAwait(false);
            if (IsFrozen)
                break;
            StoredValue? result = null;
            if (error is null)
            {
                try
                {
                    result = EncodeResult();
                }
                catch (Exception e)
                {
                    error = e;
                }
            }

            Lease.ThrowIfLost();
            if (error is null)
            {
                if (TryEnd())
                {
                    await CompleteAsync(result).ConfigureAwait(false);
                    return Departure.Ended;
                }

                // Too late to complete: the run has been told that it stops.
                error = new OperationCanceledException(StopReason, Token);
            }

            if (error is StoreUnavailableException)
            {
                _ = TryEnd();

                // Not the flow's failure: whoever has a store again continues the run, as after a crash.
                await EndAsync(FlowRunState.Crashed, "the store was not available", error).ConfigureAwait(false);
            }
            else if ((error is OperationCanceledException && IsStopped) || _stopReason is not null || Root._stopReason is not null)
            {
                // Also when it fails while it is cancelled: its retries were withheld for that.
                if (await HoldsForHandOverAsync().ConfigureAwait(false))
                    break;
                await CloseAsync(FlowRunState.Cancelled, StopReason, error).ConfigureAwait(false);
            }
            else if (!policy.ShouldRetry(error, attempt) || (Token.IsCancellationRequested && !IsLeaving)
                || Host.Now + policy.Delay(attempt) >= deadline)
            {
                if (Definition.OnFailure == OnFailure.Wait && TryWaitForFix(error))
                    break;
                if (TryEnd())
                    await CloseAsync(FlowRunState.Failed, null, error).ConfigureAwait(false);
                else
                    await CloseAsync(FlowRunState.Cancelled, StopReason, error).ConfigureAwait(false);
            }
            else
            {
                seen = await RestAsync(error, attempt, policy.Delay(attempt)).ConfigureAwait(false);
            }
        }

        return await DepartAsync().ConfigureAwait(false);
    }

    /// <summary>Executes the body once, to its end and that of its steps, or until the run is left.</summary>
    private async ValueTask<Exception?> ExecuteBodyAsync(long seen, DateTimeOffset deadline)
    {
        var turn = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (IsFrozen)
                return null;
            _turn = turn;
            _isTurnOnStack = true;
        }

        // Not awaited: a body that is dropped with its run never comes back.
        _body = TakeTurnAsync(turn, seen, deadline);
        _isTurnOnStack = false;
        return await turn.Task.ConfigureAwait(false);
    }

    private async Task TakeTurnAsync(TaskCompletionSource<Exception?> turn, long seen, DateTimeOffset deadline)
    {
        Exception? error = null;
        var scope = Scope.ForFlow(this, seen);
        try
        {
            await InvokeInAsync(scope, deadline).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e;
        }

        try
        {
            scope.EndLines();
            await WaitForStepsAsync().ConfigureAwait(false);
            error ??= FindUnhandled();
        }
        catch (Exception e)
        {
            error ??= e;
        }

        NoteLeftBody();
        turn.TrySetResult(error);
    }

    private async ValueTask InvokeInAsync(Scope scope, DateTimeOffset deadline)
    {
        Ambient.Current = scope;
        if (deadline == DateTimeOffset.MaxValue)
        {
            await InvokeTrackedAsync(Token).ConfigureAwait(false);
            return;
        }

        var left = deadline - Host.Now;

        // Also when that time is over: what was begun before is executed up to where it was, with a token that says so, and ends there.
        await Deadline.RunAsync(
            InvokeAndExpireAsync, left, () => $"Flow '{Definition.Id}' took longer than its Timeout of {Definition.Timeout}.",
            Host.Time, work => _leftBody = work, left > TimeSpan.Zero ? Deadline.Grace : Host.CancelGrace,
            _stop.Token, Dropped).ConfigureAwait(false);
    }

    /// <summary>Invokes the body; when its time is up, its steps stop too.</summary>
    private ValueTask InvokeAndExpireAsync(CancellationToken cancellationToken)
    {
        cancellationToken.UnsafeRegister(static expiry => ((CancellationTokenSource)expiry!).Cancel(), _expiry!);
        return InvokeTrackedAsync(cancellationToken);
    }

    private ValueTask InvokeTrackedAsync(CancellationToken cancellationToken)
    {
        SetOnStack(true);
        var pending = InvokeAsync(cancellationToken);
        SetOnStack(false);
        return pending;
    }

    // Also when the run is to stop: what was begun before is found by it, and ended.
    private async ValueTask<RunMemory> LoadMemoryAsync()
    {
        var memory = await RunMemory.LoadAsync(Host.Store, Id, CancellationToken.None).ConfigureAwait(false);
        RememberUndos(memory);
        return memory;
    }

    private async ValueTask CompleteAsync(StoredValue? result)
    {
        await EndUnreachedAsync(true).ConfigureAwait(false);
        Change(Record with
        {
            State = FlowRunState.Completed,
            EndedAt = Host.Now,
            HostId = null,
            Result = result,
            Error = null,
            Reason = null,
        });
        await CommitAsync(WriteEnd()).ConfigureAwait(false);
        Host.Observers.FlowRunChanged(Record, Definition);
    }

    /// <summary>Writes the run's end, with which every request to it is done.</summary>
    private long WriteEnd()
    {
        var done = Root == this ? TakeRequests(_ => true) : Root.TakeRequests(request => request.RunId == Id);
        var stands = Record.State == FlowRunState.Completed && Root == this ? DropUndos(null) : [];
        return Write(batch =>
        {
            foreach (var undo in stands)
                batch.StepRuns.Add(undo.Dropped(Host.Now, "the run completed"));
            batch.FlowRuns.Add(Record);
            batch.Taken.AddRange(done);
        });
    }

    private async ValueTask EndAsync(
        FlowRunState state, string? reason, Exception error, ErrorRecord? kept = null, UndoingRecord? undoing = null)
    {
        var cause = Causes.Tie(error, Id, 0);
        var from = Record.State;
        Change(Record with
        {
            State = state,
            EndedAt = Host.Now,
            HostId = null,
            Reason = reason,
            Error = kept ?? Host.Capture(error, cause),
            Undoing = undoing,
        });
        if (state == FlowRunState.Crashed && Root == this)
            Change(Record with { Crashes = Record.Crashes + 1, WakeAt = Host.ResumeAt(Record.Crashes + 1) });
        Ledger(from, reason ?? ErrorCapture.Summary(error), null);
        try
        {
            if (state != FlowRunState.Crashed)
                await EndUnreachedAsync(false).ConfigureAwait(false);
            await CommitAsync(WriteEnd()).ConfigureAwait(false);
            Host.Observers.FlowRunChanged(Record, Definition);
        }
        catch (StoreUnavailableException e) when (!ReferenceEquals(e, error))
        {
            Host.MayHaveLostRuns = true;

            // The run's own error is what its caller must see; that it could not be stored is said beside it.
            if (error.Data is { IsReadOnly: false } data)
                data["Fletcher.StoreUnavailable"] = e.Message;
            Host.Observers.FlowRunChanged(Record, Definition);
        }

        // What stopped the code looks like any cancellation; whoever waits for the run is told by whom and why it was.
        if (state == FlowRunState.Cancelled && _stopReason is not null)
            throw EndedRun.Cancelled(Record, error);
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
    }

    private void Change(FlowRunRecord record)
    {
        lock (_gate)
        {
            // It was told to stop in between: from there it only ends.
            if (_stopReason is not null && record.State is FlowRunState.Running or FlowRunState.Waiting && !IsFrozen)
                record = record with { State = FlowRunState.Cancelling, Reason = _stopReason };
            Record = ReferenceEquals(record.Tags, _tags) ? record : record with { Tags = _tags };
        }
    }

    private void Ledger(FlowRunState from, string reason, string? next, string actor = "engine") => Write(new LedgerEntry
    {
        RunId = Id,
        At = Host.Now,
        From = from.ToString(),
        To = Record.State.ToString(),
        Actor = actor,
        Reason = reason,
        Next = next,
    });
}
