using Fletcher.Diagnosis;
using Fletcher.Model;

namespace Fletcher.Engine;

/// <summary>
/// What stops a run from outside: somebody cancels it, pauses it, or has taken it over, or the host stops and hands it on. A
/// cancelled run comes to its end here; a paused one and one that is handed on are left as they are.
/// </summary>
internal abstract partial class FlowExecution
{
    private TaskCompletionSource? _pause;
    private TaskCompletionSource? _drained;
    private TaskCompletionSource? _patienceEnded;
    private string? _stopReason;
    private string? _pauseReason;
    private volatile bool _isGateShut;
    private bool _isLeaving;
    private bool _isEnding;

    /// <summary>What the run's code waits to be told.</summary>
    internal Inbox Inbox => Root._inbox;

    /// <summary>Whether the host hands the run on: nothing new starts, and what is interrupted is done again elsewhere.</summary>
    internal bool IsLeaving => Root._isLeaving;

    /// <summary>Why the run is to stop; for the ledger.</summary>
    internal string StopReason => _stopReason
        ?? (Call.CallerToken.IsCancellationRequested
            ? "the caller's token was cancelled"
            : IsExpired ? $"the flow's Timeout of {Definition.Timeout} was up" : "the flow that called it was stopped");

    /// <summary>Whether the run was asked to stop.</summary>
    private bool IsStopped => _stop.IsCancellationRequested;

    /// <summary>Whether the run must stop because its time is up.</summary>
    private bool IsExpired => _expiry is { IsCancellationRequested: true } && !IsStopped;

    /// <summary>Completes when what ignores its token has been waited for long enough.</summary>
    private Task WhenPatienceEnds => LazyInitializer.EnsureInitialized(ref _patienceEnded).Task;

    /// <summary>Lets a step that is about to run its code pass, or holds it while the run is paused; never returns when the run is left.</summary>
    internal ValueTask PassGateAsync(StepExecution step) =>
        !Root._isGateShut || step.Caller.Step is not null ? ValueTask.CompletedTask : WaitAtGateAsync(step);

    /// <summary>Stops the run for good: its steps get their token, and what does not heed it is left behind after a while.</summary>
    internal void Cancel(string actor, string? reason)
    {
        FlowRunRecord stopped;
        lock (_gate)
        {
            if (IsFrozen || IsLeaving || _isEnding || _stopReason is not null || Record.State.IsEnd() || Record.IsUndoing)
                return;
            var from = Record.State;
            _stopReason = Wording.Say($"cancelled by {actor}", reason);
            stopped = Record with { State = FlowRunState.Cancelling, Reason = _stopReason };
            Change(stopped);

            // Under the lock: behind it the run may end, and this must not come behind its end.
            Ledger(from, _stopReason, null, actor);
            Write(Record);
        }

        Host.Observers.FlowRunChanged(stopped, Definition);
        StopCode();
    }

    /// <summary>Says that the run ends as its code left it. False when it has been told to stop: then it ends as cancelled, whatever its code did.</summary>
    private bool TryEnd()
    {
        lock (_gate)
        {
            if (_stopReason is not null)
                return false;
            _isEnding = true;
            return true;
        }
    }

    /// <summary>
    /// Whether the run, or one around it, has been told to stop. Its token follows a moment later, as it is cancelled elsewhere: it may run any code.
    /// </summary>
    private bool IsToldToStop => Volatile.Read(ref _stopReason) is not null || Outer is { Caller.IsUndoing: false } outer && outer.Run.IsToldToStop;

    /// <summary>Whether the run is to stop and has not begun, so that there is nothing that its code could clean up.</summary>
    private bool HasNothingToStop => Memory is { IsEmpty: true } && (_stopReason is not null || IsStopped) && !IsLeaving;

    /// <summary>Stops a sub-flow that was cancelled before this execution of it began.</summary>
    private void StopIfAsked()
    {
        RunMessage? request;
        lock (_gate)
            request = Root._requests.Find(request => request.Kind == MessageKind.Cancel && request.RunId == Id);
        if (request is not null)
            Cancel(request.Actor, request.Reason);
    }

    /// <summary>Throws when the run is to stop, so that nothing begins in it any more.</summary>
    /// <exception cref="OperationCanceledException">It is to stop.</exception>
    internal ValueTask ThrowIfStoppedAsync(Scope scope)
    {
        if (scope.IsUndoing)
        {
            // Goes on in a run that is stopped; only a host that leaves the run stops it.
            scope.Token.ThrowIfCancellationRequested();
            return ValueTask.CompletedTask;
        }

        Token.ThrowIfCancellationRequested();
        return IsToldToStop ? new ValueTask(WaitForTokenAsync()) : ValueTask.CompletedTask;
    }

    // Who catches the exception asks the token whether it is one of the run.
    private async Task WaitForTokenAsync()
    {
        await Wait.ForCancellationAsync(Token).ConfigureAwait(false);
        throw new OperationCanceledException(StopReason, Token);
    }

    /// <summary>Stops the run for good, and returns when it has ended; what does not heed its token in time is left behind.</summary>
    internal async Task CancelAsync(string actor, string reason, TimeSpan grace, CancellationToken hurry)
    {
        Cancel(actor, reason);
        await Ended.WaitAsync(grace, TimeProvider.System, hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
            LosePatience();

        // A body that keeps the thread which executes it cannot be left behind by it.
        if (!_isTurnOnStack)
            await Ended.ConfigureAwait(false);
    }

    /// <summary>Somebody else has the run: nothing of it is written any more, and its code is stopped.</summary>
    internal void Lose()
    {
        Lease.Lose();
        Host.Writer.Drop(Lease.Key);
        Host.Observers.Note($"{Lease.Error().Message}");
        StopUndoing();
        StopCode();
    }

    /// <summary>Holds every step that has not begun, and parks the run when the others have ended.</summary>
    internal void Pause(string reason)
    {
        lock (_gate)
        {
            _pause ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _pauseReason = reason;
            _isGateShut = true;
            Settle();
        }
    }

    /// <summary>Ends a pause.</summary>
    internal void Unpause()
    {
        TaskCompletionSource? pause;
        lock (_gate)
        {
            if (IsFrozen)
                return;
            pause = _pause;
            _pause = null;
            _isGateShut = IsLeaving;
        }

        pause?.TrySetResult();
    }

    /// <summary>
    /// Hands the run on: nothing new starts, what runs gets its token and some time, and then any host may go on with the run. What was
    /// interrupted is done again there; an at-most-once step that was is Unknown.
    /// </summary>
    /// <param name="reason">Why, for the ledger.</param>
    /// <param name="grace">How long steps may take to stop.</param>
    /// <param name="hurry">Ends that time early.</param>
    internal async Task HandOverAsync(string reason, TimeSpan grace, CancellationToken hurry)
    {
        Task drained;
        lock (_gate)
        {
            if (_isLeaving)
                return;
            drained = Task.CompletedTask;
            if (!IsFrozen)
            {
                _isLeaving = true;
                _isGateShut = true;
                _departureReason = reason;
                _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                drained = _drained.Task;
                Settle();
            }
        }

        if (!_isLeaving)
        {
            // It is just being parked: its host must not go before that is written.
            await Ended.ConfigureAwait(false);
            return;
        }

        StopTokens();
        StopUndoing();
        try
        {
            // Real time: the code that is waited for runs in real time, whatever the host's clock.
            await Task.WhenAny(drained, Ended).WaitAsync(grace, TimeProvider.System, hurry).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Host.Observers.Note($"Steps of '{Definition.Id}' (run {Id}) did not stop within {grace.TotalSeconds:0.#} s; the run is handed over without them.");
        }
        catch (OperationCanceledException)
        {
            Host.Observers.Note($"Steps of '{Definition.Id}' (run {Id}) did not stop in the time that the application has to stop; the run is handed over without them.");
        }

        bool isStuck;
        lock (_gate)
        {
            if (!IsFrozen && !Ended.IsCompleted)
                Freeze(Departure.HandedOver, null, reason);
            isStuck = IsFrozen && _isTurnOnStack;
        }

        if (isStuck)
            await LeaveStuckAsync().ConfigureAwait(false);
        await Ended.ConfigureAwait(false);
    }

    /// <summary>Leaves a run whose body keeps the thread that executes it, so that nothing else can.</summary>
    private async Task LeaveStuckAsync()
    {
        try
        {
            await DepartAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreUnavailableException or RunLostException)
        {
            Host.Observers.Note($"Flow run {Id} could not be handed over: {e.Message}");
        }

        Host.End(this);
        _ended.TrySetResult();
    }

    /// <summary>Never returns: the run is left with the step as it is. A caller that blocks its thread is thrown out instead.</summary>
    internal Task HoldAsync(StepExecution step)
    {
        if (step.IsStrand)
            HoldStrand();
        else
            SetDroppable(step, true);
        return Forever(step);
    }

    private void HoldStrand()
    {
        lock (_gate)
        {
            _heldStrands++;
            Settle();
        }
    }

    private async ValueTask WaitAtGateAsync(StepExecution step)
    {
        while (true)
        {
            Task pause;
            lock (_gate)
            {
                if (!Root._isGateShut && !IsFrozen)
                    return;
                pause = Root._pause?.Task ?? Forever();
            }

            if (IsLeaving || IsFrozen)
            {
                await HoldAsync(step).ConfigureAwait(false);
            }

            await RestAsync(step, token => Wait.ForAsync(pause, Host.Time, token), step.Caller.Token).ConfigureAwait(false);
        }
    }

    /// <summary>The body was interrupted. True when that is because the run is handed on; then the run has been left.</summary>
    private async ValueTask<bool> HoldsForHandOverAsync()
    {
        Task frozen;
        lock (_gate)
        {
            if (!IsLeaving)
                return false;
            if (IsFrozen)
                return true;
            _frozen ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            frozen = _frozen.Task;
            _isHeld = true;
            if (Root == this)
                Freeze(Departure.HandedOver, null, _departureReason);
            else
                Settle();
        }

        await frozen.ConfigureAwait(false);
        return true;
    }

    /// <summary>Keeps a failed run open until somebody says that it may go on. False for sub-flows: their callers decide.</summary>
    private bool TryWaitForFix(Exception error)
    {
        if (Root != this)
            return false;
        var cause = Causes.Tie(error, Id, 0);
        lock (_gate)
        {
            if (IsStopping())
                return false;

            // More than it has: so it is known later that it waited for a fix, and not for something else.
            Change(Record with { Error = Host.Capture(error, cause), NextAttemptAt = null, Failures = Definition.Retries + 1 });
            _lastMessage = Host.LastMessage;
            Freeze(Departure.Parked, null, $"it waits for a fix: {ErrorCapture.Summary(error)}");
            return true;
        }
    }

    /// <summary>Whether the run or a part of it is on the way to its end because somebody said so. Called under the lock.</summary>
    private bool IsStopping() => Lease.IsLost || (!Record.IsUndoing && _stopReason is not null)
        || !Record.IsUndoing && _requests.Exists(request => request.Kind == MessageKind.Cancel && FindInFamily(request.RunId) is not null);

    private void StopCode()
    {
        StopTokens();
        _ = LosePatienceAsync();
    }

    private void StopTokens() => _ = Task.Run(() =>
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run has just ended.
        }
    });

    private void StopUndoing()
    {
        CancellationTokenSource? undoing;
        lock (_gate)
            undoing = Root._undoStop;
        if (undoing is not null)
            _ = Task.Run(undoing.Cancel);
    }
}
