using Fletcher.Model;

namespace Fletcher.Engine;

/// <summary>The steps inside a flow run. A run does not end before the steps it started (structured concurrency).</summary>
internal abstract partial class FlowExecution
{
    /// <summary>A step that runs for so long is marked as running in the store.</summary>
    private static readonly TimeSpan MarkAfter = TimeSpan.FromMilliseconds(200);

    // One for the family, as a run parks with its sub-flows or not at all.
    private readonly Lock _gate;
    private RunningSteps _running;
    private List<StepExecution>? _failed;
    private List<Func<Exception?>>? _unseen;
    private TaskCompletionSource? _quiet;
    private int _lastSequence;
    private bool _isClosed;

    /// <summary>Which execution of the body in this process is under way. Code that an earlier one left behind starts nothing in this one.</summary>
    internal int Body { get; private set; }

    internal int NextSequence()
    {
        var remembered = Memory?.LastSequence ?? 0;
        lock (_gate)
            return _lastSequence = Math.Max(_lastSequence, remembered) + 1;
    }

    /// <summary>Takes a step in; the run does not end before it. False when the run was left: then the caller must never go on.</summary>
    /// <exception cref="FletcherUsageException">The run has ended.</exception>
    /// <exception cref="RunLostException">Somebody else has the run.</exception>
    internal bool Enter(StepExecution step)
    {
        Lease.ThrowIfLost();
        lock (_gate)
        {
            if (IsFrozen)
            {
                NoteLateArrival();
                return false;
            }

            if (!_isClosed && step.Caller.Body == Body)
            {
                if (step is TransactionStep transaction)
                {
                    EnterStrand(transaction);
                    return true;
                }

                _running.Add(step);
                if (step.Caller.Transaction is not null)
                    CountInside(step, 1);
                _moves++;
                Settle();
                return true;
            }
        }

        throw new FletcherUsageException(
            "FLT1207",
            $"'{step.Id}' was called when flow run {Id} of '{Definition.Id}' had ended. Await what calls it before the flow returns.");
    }

    /// <summary>Asks the store before a step begins that nothing must be written for: a process that stood still may have been taken for dead.</summary>
    /// <exception cref="RunLostException">Somebody else has the run.</exception>
    internal ValueTask ConfirmLeaseAsync() => Host.Pulse.IsSilent ? AskForLeaseAsync() : ValueTask.CompletedTask;

    private async ValueTask AskForLeaseAsync()
    {
        try
        {
            await Host.VerifyLeaseAsync(Root).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            return; // a store that does not answer says nothing; the step's own writes will
        }

        Lease.ThrowIfLost();
    }

    /// <summary>Takes the step out: everything about it is written.</summary>
    internal void Leave(StepExecution step)
    {
        if (step is TransactionStep transaction)
        {
            LeaveStrand(transaction);
            return;
        }

        lock (_gate)
        {
            if (!_running.Remove(step))
                return;
            if (step.Caller.Transaction is not null)
                CountInside(step, -1);
            _moves++;
            if (step.IsDroppable)
            {
                step.IsDroppable = false;
                CountDroppable(step, -1);
            }

            if (_running.Count == 0 && _strands == 0)
                _quiet?.TrySetResult();
            NoteCalm();
            Settle();
        }
    }

    /// <summary>Says that a step's code does not run (any more), or that it runs again: only then may it be marked as running.</summary>
    internal void SetResting(StepExecution step, bool isResting)
    {
        lock (_gate)
            step.IsResting = isResting;
    }

    /// <summary>Says that a step is over; false when its run has ended without it.</summary>
    internal bool TryEnd(StepExecution step)
    {
        lock (_gate)
            return step.TryEnd();
    }

    /// <summary>Keeps a failure, so that the flow cannot end well if nobody handles it.</summary>
    internal void NoteFailure(StepExecution step, Exception error)
    {
        if (error is OperationCanceledException && step.Caller.Token.IsCancellationRequested)
            return;
        lock (_gate)
        {
            // A fan-out may fail a million times; failures that were handled meanwhile need not be kept.
            if (_failed is { Count: >= 1024 })
                _failed.RemoveAll(failed => !failed.IsHandingOver && Unobserved(failed) is null);
            (_failed ??= []).Add(step);
        }
    }

    /// <summary>Keeps a result that may hold failures, which somebody must look at before the flow ends.</summary>
    internal void MustBeSeen(Func<Exception?> unseen)
    {
        lock (_gate)
            (_unseen ??= []).Add(unseen);
    }

    /// <summary>Says that a step calls steps. Its record goes to the store before theirs.</summary>
    internal void NoteInner(StepExecution outer)
    {
        lock (_gate)
        {
            if (outer.NeedsMarkForInner)
                Write(outer.Mark());
            outer.NoteInner();
        }
    }

    /// <summary>Marks the steps that have been running for a while, so that the store shows them.</summary>
    internal void MarkRunning()
    {
        lock (_gate)
        {
            var before = Host.Now - MarkAfter;
            for (var step = _running.Newest; step is not null; step = step.Older)
            {
                // Under the same lock as Leave: a mark never comes behind the record of the end.
                if (step.NeedsMark(before))
                    Write(step.Mark());
            }
        }
    }

    /// <summary>
    /// Waits for the steps that were started, and closes the run to further ones in the same moment in which it has none: a
    /// step that code left behind calls from then on is refused, even while the run's end is being committed.
    /// </summary>
    private async ValueTask WaitForStepsAsync()
    {
        while (true)
        {
            Task moment;
            bool isUndoing;
            lock (_gate)
            {
                isUndoing = IsUndoingInside();
                if (_running.Count > 0 || _strands > 0)
                {
                    _quiet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    moment = _quiet.Task;
                }
                else if (_failed?.Find(step => step.IsHandingOver) is { } failed)
                {
                    moment = failed.Task ?? Task.CompletedTask;
                }
                else
                {
                    _isClosed = true;
                    return;
                }
            }

            if (isUndoing)
            {
                await Task.WhenAny(moment, Task.Delay(Deadline.Grace, TimeProvider.System, CancellationToken.None)).ConfigureAwait(false);
                continue;
            }

            if (IsExpired && !WhenPatienceEnds.IsCompleted)
            {
                await Task.WhenAny(moment, Task.Delay(Deadline.Grace, TimeProvider.System, CancellationToken.None)).ConfigureAwait(false);
                LosePatienceAtLimit();
            }

            await Task.WhenAny(moment, WhenPatienceEnds).ConfigureAwait(false);
            if (_isLeftBehind)
                await moment.ConfigureAwait(false); // the run has ended, and what was said to still run does
            else if (WhenPatienceEnds.IsCompleted && LeaveBehind(moment))
                return;
            await Task.Yield();
        }
    }

    /// <summary>
    /// At the flow's time limit, and some time after it was told to stop, the state changes even if a step does not stop. False
    /// when none is left, and when that was done already: it is said once, of body and steps together.
    /// </summary>
    private bool LeaveBehind(Task steps)
    {
        lock (_gate)
        {
            if (_isLeftBehind || (_running.Count == 0 && steps.IsCompleted) || IsUndoingInside())
                return false;
            _isClosed = _isLeftBehind = true;
            for (var step = _running.Newest; step is not null; step = step.Older)
            {
                if (step.IsUnderWay && !step.IsAroundFlow)
                    Write(step.LeaveBehind(StopReason));
            }
        }

        Host.NoteLeak(Definition.Id, _leftBody is { } body ? Task.WhenAll(steps, body) : steps);
        return true;
    }

    /// <summary>A failure that no code has seen: of a step that nobody awaited, or in a result that nobody looked at.</summary>
    private Exception? FindUnhandled()
    {
        lock (_gate)
        {
            return _failed?.Select(Unobserved).FirstOrDefault(error => error is not null)
                ?? _unseen?.Select(unseen => unseen()).FirstOrDefault(error => error is not null);
        }
    }

    private static Exception? Unobserved(StepExecution step) =>
        step.Task is { IsFaulted: true } task && !TaskObservation.IsObserved(task) ? task.Exception!.InnerException : null;

    /// <summary>Forgets the failures of an execution of the body that is followed by another one.</summary>
    private void Forget()
    {
        lock (_gate)
        {
            Body++;
            _isClosed = false;
            _turn = null;
            _failed = null;
            _unseen = null;
            _quiet = null;
            _patienceEnded = null;
        }
    }
}
