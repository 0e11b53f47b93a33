using Fletcher.Diagnosis;
using Fletcher.Model;

namespace Fletcher.Engine;

/// <summary>
/// Waiting and parking. A run whose every step only waits is quiet; when it has been so for a while it is parked: the store
/// knows when it goes on, and what waits in memory is dropped without ever coming back (no finally block runs). A family is
/// quiet or not as a whole. Nothing of this concerns a run none of whose steps waits.
/// </summary>
internal abstract partial class FlowExecution
{
    /// <summary>A wait that is over so soon is not worth dropping the run for.</summary>
    private static readonly TimeSpan NearEnd = TimeSpan.FromSeconds(1);

    private int _droppable;
    private int _onStack;
    private DateTimeOffset? _restsUntil;
    private bool _wasQuiet;
    private DateTimeOffset _quietSince;
    private Departure? _departure;
    private List<FlowExecution>? _family;
    private TaskCompletionSource? _frozen;
    private DateTimeOffset? _wakeAt;
    private string? _departureReason;
    private long _lastMessage;
    private bool _isHeld;
    private volatile bool _isTurnOnStack;
    private TaskCompletionSource? _departed;
    private TaskCompletionSource<Exception?>? _turn;
    private CancellationTokenSource? _dropped;

    /// <summary>The step in the run around it that this run stands for; null for the root, and where that step cannot be dropped.</summary>
    internal StepExecution? Outer { get; init; }

    /// <summary>Whether the execution has left its run: nothing of it goes on.</summary>
    internal bool IsFrozen => _departure is not null;

    /// <summary>Cancelled when the family is left, for waits that must let go.</summary>
    private CancellationToken Dropped => Root.DropSource.Token;

    private CancellationTokenSource DropSource => LazyInitializer.EnsureInitialized(ref _dropped);

    /// <summary>Whether all there is to do is to wait. Called under the lock.</summary>
    private bool IsQuiet => _restsUntil is not null || _isHeld || (_running.Count + _heldStrands > 0 && _droppable == _running.Count && _onStack == 0);

    /// <summary>Waits for something that a step is given from outside. Never returns when the run is left meanwhile.</summary>
    /// <param name="step">The step; while it waits it may be dropped with its run.</param>
    /// <param name="wait">Begins the wait; its token is cancelled when it must let go.</param>
    /// <param name="cancellationToken">Ends the wait with an exception.</param>
    internal async ValueTask RestAsync(StepExecution step, Func<CancellationToken, Task> wait, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Dropped);
        SetDroppable(step, true);
        try
        {
            await wait(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (IsLeft(step))
        {
        }

        if (IsLeft(step))
            await Forever(step).ConfigureAwait(false);
        SetDroppable(step, false);
    }

    /// <summary>
    /// A wait without an end and without anybody who holds it: what waits for it is dropped. A caller that blocks its thread cannot be dropped; it gets a
    /// cancellation.
    /// </summary>
    internal static Task Forever(StepExecution? step = null) =>
        step is { IsBlocking: true } ? ThrowOutAsync(step.Run) : new TaskCompletionSource().Task;

    private static async Task ThrowOutAsync(FlowExecution run)
    {
        // Its token first: code that asks it (Flow.Try, and the run itself) must not take this for a failure.
        if (run.IsLeaving && !run.Token.IsCancellationRequested)
            await Task.WhenAny(Wait.ForCancellationAsync(run.Token), run.Ended).ConfigureAwait(false);

        throw new OperationCanceledException("The run is left by this host. It goes on later or elsewhere.");
    }

    /// <summary>Whether a step that was interrupted must never go on. One inside a step goes on to tell the code around it, which is waited for.</summary>
    internal bool IsLeft(StepExecution step) => IsFrozen || (IsLeaving && step.Caller.Step is null);

    /// <summary>Says that a step only waits, so that it may be dropped with the run, or that it does more again.</summary>
    internal void SetDroppable(StepExecution step, bool isDroppable)
    {
        lock (_gate)
        {
            if (step.IsDroppable == isDroppable || !step.IsRunning)
                return;
            _moves++;
            step.IsDroppable = isDroppable;
            CountDroppable(step, isDroppable ? 1 : -1);
            NoteCalm();
            Settle();
        }
    }

    // Inside a step it is not dropped: the code around it would be lost.
    private void CountDroppable(StepExecution step, int change)
    {
        if (step.Caller.Step is null)
            _droppable += change;
        else
            CountStill(step, change);
    }

    /// <summary>Parks the run if it has been quiet for long enough. Called by the host's pulse on roots.</summary>
    internal void ConsiderParking()
    {
        lock (_gate)
        {
            // Read before the inbox is asked: a message that is read in between is either in the inbox's hands or has a greater number.
            var lastMessage = Host.LastMessage;
            if (!_wasQuiet || IsFrozen || IsLeaving || _inbox.IsGiving || IsStopping())
                return;
            _lastMessage = lastMessage;
            var now = Host.Now;
            if (_pause is not null)
            {
                Freeze(Departure.Parked, null, _pauseReason);
                return;
            }

            if (now - _quietSince < Host.ParkAfterOf(Id))
                return;
            string? what = null;
            var due = FindNextDue(ref what);
            if (due is null || due - now > NearEnd)
                Freeze(Departure.Parked, due, what);
        }
    }

    /// <summary>Keeps that the code of a step or flow began or ended its synchronous part; code that blocks its thread cannot be dropped.</summary>
    private void SetOnStack(bool isOnStack)
    {
        lock (_gate)
        {
            _onStack += isOnStack ? 1 : -1;
            Settle();
        }
    }

    /// <summary>Looks whether the run is quiet now. Called under the lock after each change.</summary>
    private void Settle()
    {
        if (_droppable == 0 && !_wasQuiet && _restsUntil is null && !_isHeld && _heldStrands == 0)
            return;
        _wasQuiet = IsQuiet;
        if (_wasQuiet)
        {
            Root._quietSince = Host.Now; // any change begins the time anew
            Root._drained?.TrySetResult();
        }

        if (Outer is not { } outer || outer.IsDroppable == _wasQuiet || outer.Caller.Step is not null || !outer.IsRunning)
            return;
        outer.IsDroppable = _wasQuiet;
        outer.Run._droppable += _wasQuiet ? 1 : -1;
        outer.Run.Settle();
    }

    /// <summary>The first moment at which something in the family is due; null when only messages wake it. Called under the lock.</summary>
    private DateTimeOffset? FindNextDue(ref string? what)
    {
        var first = _restsUntil;
        if (first is not null)
            what = Record.Reason;
        for (var step = _running.Newest; step is not null; step = step.Older)
        {
            var due = step.Inside is { } inside ? inside.FindNextDue(ref what) : step.RestsUntil;
            if (step.Inside is null && (what is null || due < first))
                what = step.WaitsFor;
            if (due is not null && (first is null || due < first))
                first = due;
        }

        return Record.ExpiresAt < first ? Record.ExpiresAt : first ?? Record.ExpiresAt;
    }

    /// <summary>Leaves the run with all its sub-flows: from here on nothing of it goes on in this process. Called under the lock.</summary>
    private void Freeze(Departure departure, DateTimeOffset? wakeAt, string? reason)
    {
        _wakeAt = wakeAt;
        _departureReason = reason;
        _family = [];
        FreezeFamily(departure, _family);

        // What waits comes back with a cancellation, and then never goes on; not under the lock, and not on this thread.
        var dropped = DropSource;
        _ = Task.Run(dropped.Cancel);
    }

    private void FreezeFamily(Departure departure, List<FlowExecution> family)
    {
        _departure = departure;
        _isClosed = true;
        for (var step = _running.Newest; step is not null; step = step.Older)
        {
            if (step.Inside is not { } inside)
                continue;
            inside.FreezeFamily(departure, family);
            family.Add(inside);
        }

        _turn?.TrySetResult(null);
        _frozen?.TrySetResult();
    }

    /// <summary>Writes that the host has the family no more, and when it goes on; once, whoever comes first.</summary>
    private async ValueTask<Departure> DepartAsync()
    {
        var departure = _departure!.Value;
        if (Root != this)
            return departure; // the root writes for all
        var departed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _departed, departed, null) is { } other)
        {
            await other.Task.ConfigureAwait(false);
            return departure;
        }

        try
        {
            await WriteDepartureAsync(departure).ConfigureAwait(false);
        }
        finally
        {
            departed.SetResult();
        }

        return departure;
    }

    private async ValueTask WriteDepartureAsync(Departure departure)
    {
        var from = Record.State;
        var state = departure == Departure.Parked ? FlowRunState.Waiting : FlowRunState.Queued;
        Change(Record with
        {
            State = state,
            HostId = null,
            WakeAt = departure == Departure.Parked ? _wakeAt : FlowRunRecord.AtOnce,
            LastMessage = _lastMessage,
            Reason = _departureReason,
            Crashes = departure == Departure.Parked ? 0 : Record.Crashes,
        });
        Ledger(from, _departureReason ?? "it waits", departure == Departure.Parked && Record.WakeAt is { } at ? $"it goes on at {at:yyyy-MM-dd HH:mm:ss}Z" : null);
        var open = _family!.FindAll(inside => inside.TryLeaveOpen(state));

        // Nothing that takes the family's lock in here: whoever has it may be about to write (MarkRunning).
        var ticket = Write(batch =>
        {
            foreach (var inside in open)
            {
                batch.FlowRuns.Add(inside.Record);
                batch.Leases[inside.Id] = Lease.Key;
            }

            batch.FlowRuns.Add(Record);
        });
        try
        {
            await CommitAsync(ticket).ConfigureAwait(false);
        }
        catch (RunLostException)
        {
            // Somebody else has the run already, perhaps because this was written a moment ago. Who waits for it waits for what comes of it there.
            return;
        }

        Host.Observers.FlowRunChanged(Record, Definition);
    }

    /// <summary>Says that a sub-flow goes on later. False for one that has just ended: it writes that itself.</summary>
    private bool TryLeaveOpen(FlowRunState state)
    {
        lock (_gate)
        {
            if (Record.State.IsEnd())
                return false;
            Change(Record with { State = state, HostId = null });
            return true;
        }
    }

    /// <summary>
    /// Code that the engine does not see went on after everything that it sees had been waiting for a long time, and now calls a
    /// step: it is done again, from the top and at once, and with more patience before the run is parked again.
    /// </summary>
    private void NoteLateArrival()
    {
        if (_departure == Departure.Parked)
            Host.WakeLate(Root, Host.Now - Root._quietSince);
    }

    /// <summary>Waits until the body is executed again, with what it has done so far as its memory.</summary>
    private async ValueTask<long> RestAsync(Exception error, int attempt, TimeSpan delay)
    {
        var next = Host.Now + delay;
        Causes.Tie(error, Id, 0);
        Change(Record with { State = FlowRunState.Waiting, Failures = attempt, NextAttemptAt = next });
        if (TakeFailedTransactions(null) is { Count: > 0 } failed)
        {
            Write(batch =>
            {
                batch.FlowRuns.Add(Record);
                batch.StepRuns.AddRange(failed);
            });
        }

        Ledger(FlowRunState.Running, ErrorCapture.Summary(error), Plan(next));
        var ticket = await RestUntilAsync(next, Record.Attempt + 1).ConfigureAwait(false);
        if (IsFrozen)
            return ticket;
        Memory = await LoadMemoryAsync().ConfigureAwait(false);
        Forget();
        return ticket;
    }

    private string Plan(DateTimeOffset next) => $"retry {Record.Failures} of {Definition.Retries} at {next:HH:mm:ss}";

    /// <summary>Waits until the body is due, or the run is left. A crash meanwhile changes neither that time nor the number of failures.</summary>
    private async ValueTask<long> RestUntilAsync(DateTimeOffset next, int attempt)
    {
        Change(Record with { State = FlowRunState.Waiting, Reason = Plan(next) });
        await CommitAsync(Write(Record)).ConfigureAwait(false);
        Host.Observers.FlowRunChanged(Record, Definition);
        SetRest(next);
        try
        {
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(Token, Dropped);
            await Wait.UntilAsync(next, Host.Time, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (IsFrozen)
        {
            return 0;
        }
        catch (OperationCanceledException e) when (IsStopped)
        {
            if (await HoldsForHandOverAsync().ConfigureAwait(false))
                return 0;
            SetRest(null);
            await CloseAsync(FlowRunState.Cancelled, StopReason, e).ConfigureAwait(false);
        }

        SetRest(null);
        if (IsFrozen)
            return 0;
        Change(Record with { State = FlowRunState.Running, Reason = null, NextAttemptAt = null, Attempt = attempt });
        var ticket = Write(Record);
        Host.Observers.FlowRunChanged(Record, Definition);
        return ticket;
    }

    private void SetRest(DateTimeOffset? until)
    {
        lock (_gate)
        {
            _restsUntil = until;
            Settle();
        }
    }
}
