using Fletcher.Diagnosis;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>
/// One step run while it executes: it recognises itself in the run's memory, runs its attempts, and keeps its result.
/// This class knows no result type, so that its code exists once; <see cref="StepExecution{T}"/> adds the type.
/// </summary>
internal abstract partial class StepExecution
{
    private protected DateTimeOffset? _startedAt;
    private StepKey _key;
    private StepSite _site;
    private byte[]? _inputs;
    private bool _isMarked;
    private bool _isContinued;
    private bool _hasInner;
    private bool _isLeftBehind;

    // Whether an attempt has begun in this execution. Before that its times and its number are those of its record, and the record
    // says more than a mark would: that it failed, or is due.
    private bool _hasBegun;

    protected StepExecution(Scope caller, Call call)
    {
        Caller = caller;
        Call = call;
        Run = caller.Run;
    }

    /// <summary>The strand that called the step.</summary>
    internal Scope Caller { get; }

    internal Call Call { get; }

    internal FlowExecution Run { get; }

    internal StepKey Key => _key;

    internal int Sequence { get; private set; }

    internal int Attempt { get; private protected set; }

    /// <summary>The task that the caller was given; null for calls that were awaited by the engine itself.</summary>
    internal Task? Task { get; set; }

    /// <summary>Whether the caller is given a task; set before the step begins, while <see cref="Task"/> is there a moment later.</summary>
    internal bool HasTask { get; init; }

    /// <summary>Whether the step has left its run, and the caller's task does not say so yet.</summary>
    internal bool IsHandingOver => HasTask && Task is not { IsCompleted: true };

    /// <summary>What the steps inside this one left in its earlier attempts; null in the first.</summary>
    internal RunMemory? Inner { get; private protected set; }

    /// <summary>Whether its body has called a step, and its own record was written before that step's.</summary>
    private protected bool HasInner => Volatile.Read(ref _hasInner);

    /// <summary>The step that began running before this one; see <see cref="RunningSteps"/>.</summary>
    internal StepExecution? Older { get; set; }

    /// <summary>The step that began running after this one.</summary>
    internal StepExecution? Newer { get; set; }

    /// <summary>Whether it is among the run's running steps.</summary>
    internal bool IsRunning { get; set; }

    /// <summary>Whether its caller blocks a thread until it is over.</summary>
    internal bool IsBlocking { get; init; }

    /// <summary>Whether it only waits; unless it is inside a step, it may be dropped with its run. Set under the run's lock.</summary>
    internal bool IsDroppable { get; set; }

    /// <summary>How many steps in it, itself counted, only wait and cannot be dropped. Guarded by the run's lock.</summary>
    internal int Still { get; set; }

    /// <summary>While it only waits: until when at the latest; null when nothing but a message ends that.</summary>
    internal virtual DateTimeOffset? RestsUntil => null;

    /// <summary>While it only waits: what for, as the end of a sentence that begins with the run.</summary>
    internal virtual string WaitsFor => $"waits in '{Id}'";

    /// <summary>The execution of the flow that it stands for; null for an ordinary step.</summary>
    internal virtual FlowExecution? Inside => null;

    /// <summary>Whether it stands for a flow of this family, or is about to: the flow ends by itself, and the step with it.</summary>
    internal virtual bool IsAroundFlow => false;

    /// <summary>Whether it waits for its next attempt. Set under the run's lock.</summary>
    internal bool IsResting { get; set; }

    /// <summary>The place under a limit that its attempt has; null while it has none.</summary>
    internal LimitHold? Hold { get; private protected set; }

    internal string Id => Call.Definition.Id;

    /// <summary>The run that this step run stands for, when it is a sub-flow.</summary>
    protected virtual RunId? ChildRunId => null;

    /// <summary>Whether the step has no effect, so that it need not wait for earlier results to be committed.</summary>
    protected virtual bool HasNoEffect => false;

    /// <summary>Tells apart uses of one method that are not the same work.</summary>
    protected virtual byte Kind => 0;

    /// <summary>Whether it goes on even when the run is to stop: what it stands for was begun before, and must come to an end too.</summary>
    protected virtual bool GoesOnToStop => false;

    /// <summary>Whether it is a part of the strand that called it, and no work of its own.</summary>
    internal virtual bool IsStrand => false;

    /// <summary>The record of the undo that it executes; null for an ordinary step.</summary>
    internal virtual StepRunRecord? Pending => null;

    /// <summary>Whether people are told about it.</summary>
    protected virtual bool IsShown => true;

    /// <summary>Runs the step, or answers from memory. Afterwards the result is there.</summary>
    internal ValueTask ExecuteAsync() => Run.Host.Faults is { } faults ? faults.StepAsync(this, AnswerOrRunAsync) : AnswerOrRunAsync();

    private async ValueTask AnswerOrRunAsync()
    {
        if (!Run.Enter(this))
            await FlowExecution.Forever(this).ConfigureAwait(false);
        try
        {
            Identify();
            if (await RecallAsync().ConfigureAwait(false))
                return;

            // Not before: a run that is cancelled while it waits is executed again up to where it was.
            if (!GoesOnToStop)
                await Run.ThrowIfStoppedAsync(Caller).ConfigureAwait(false);
            if (Sequence == 0)
                Sequence = Run.NextSequence();
            if (await AnswerWithoutRunningAsync().ConfigureAwait(false))
                return;
            await Run.PassGateAsync(this).ConfigureAwait(false);
            if (!HasNoEffect)
                await Run.CommitAsync(Caller.Seen).ConfigureAwait(false);
            await Run.ConfirmLeaseAsync().ConfigureAwait(false);
            await RunAttemptsAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (IsInterrupted(e))
            {
                if (Run.IsLeft(this))
                    await Run.HoldAsync(this).ConfigureAwait(false);

                // What was cancelled is done again. A failure of its own is written: the code around it may handle that, and complete.
                if (e is OperationCanceledException)
                    throw;
            }

            if (!IsOver && !IsStrand)
                CommitEnd(e);
            Run.NoteFailure(this, e);
            throw;
        }
        finally
        {
            Run.Leave(this);
        }
    }

    /// <summary>
    /// Whether the step failed because its run is left by this host, so that it is done again when the run goes on. A step that must run at
    /// most once may say that it failed; cancelled in its middle, it stays as it is: begun, with an end that nobody knows.
    /// </summary>
    private bool IsInterrupted(Exception error) => (Run.IsLeaving || Run.IsFrozen) && Caller.Token.IsCancellationRequested && !IsOver
        && (error is OperationCanceledException || !IsAtMostOnce || Attempt == 0);

    /// <summary>Whether the record of how it ended is written.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>Whether the step was asked to stop, by the run or by the caller's token.</summary>
    private protected bool IsStopped => Caller.Token.IsCancellationRequested || Call.CallerToken.IsCancellationRequested;

    private void CommitEnd(Exception error)
    {
        // A cancellation that nobody asked for (an HTTP client's time-out) is a failure like any other.
        if (error is OperationCanceledException && IsStopped)
        {
            if (Attempt == 0 && !_isContinued)
                return; // it never began
            OnStopped();
            var reason = Caller.Token.IsCancellationRequested ? Run.StopReason : "the token that it was given was cancelled";
            Commit(Record(StepRunState.Cancelled) with { EndedAt = Run.Host.Now, Reason = reason });
        }
        else if (error is not (StoreUnavailableException or RunLostException) && !IsTold(error))
        {
            CommitFailure(error);
        }
    }

    /// <summary>The step was asked to stop, and stops.</summary>
    protected virtual void OnStopped()
    {
    }

    /// <summary>
    /// Whether the step run's record says what the exception says: it was told again for this step run, and not for one inside
    /// it.
    /// </summary>
    private bool IsTold(Exception error) => error is StepUnknownException or StepFailedException
        && Run.Causes.Tie(error, Run.Id, Sequence) is var cause && cause.Run == Run.Id && cause.Sequence == Sequence;

    private void CommitFailure(Exception error)
    {
        if (Sequence == 0)
            Sequence = Run.NextSequence();
        var cause = Run.Causes.Tie(error, Run.Id, Sequence);
        Commit(Record(StepRunState.Failed) with
        {
            EndedAt = Run.Host.Now,
            Error = Run.Host.Capture(error, cause),
        });
    }

    private protected virtual void Identify()
    {
        if (Caller.Step is { HasInner: false } outer)
            Run.NoteInner(outer);
        var prefix = Caller.Step?.Key ?? default;
        (var hash, _inputs) = InputRecorder.Record(Call, prefix, Kind, Run.Host.Codec, Run.Results);
        if (IsPositional && Caller.Path != 0)
            hash = new ContentHash(hash.Value ^ Caller.Path);
        _key = new StepKey(hash, Caller.NextOccurrence(hash.Value));
        var site = Caller.Path == 0 ? Call.Site.Id : Scope.Combine(Call.Site.Id, Caller.Path);

        // By where the enclosing step was called, not by its inputs: a call in code that calls itself is not the one around it, and
        // one inside a step that has drifted is still known to have drifted with it.
        if (Caller.Step is { } enclosing)
            site = Scope.Combine(Scope.Combine(site, enclosing._site.Site), (ulong)enclosing._site.Occurrence);
        _site = new StepSite(site, Caller.NextSiteOccurrence(site));
    }

    /// <summary>Takes the identity of a step run that is there.</summary>
    private protected void IdentifyAs(StepRunRecord record)
    {
        (_key, _site, Sequence) = (record.Key, record.Site, record.Sequence);
        (_, _inputs) = InputRecorder.Record(Call, default, Kind, Run.Host.Codec, Run.Results);
    }

    /// <summary>Whether it has no content to be recognised by, so that the place in a fan-out must tell it apart.</summary>
    protected virtual bool IsPositional => false;

    /// <summary>Answers from a cache or because there is nothing to do.</summary>
    protected virtual ValueTask<bool> AnswerWithoutRunningAsync() => new(false);

    /// <summary>Runs the code until it succeeds or may not be tried again.</summary>
    protected abstract ValueTask RunAttemptsAsync();

    /// <summary>Calls the method once and keeps what it returns.</summary>
    protected abstract ValueTask InvokeAsync(CancellationToken cancellationToken);

    /// <summary>The stored form of what was returned.</summary>
    protected abstract StoredValue? EncodeResult();

    /// <summary>Takes a stored value for what was returned.</summary>
    protected abstract void DecodeResult(StoredValue stored, ReadOnlyMemory<byte> content);

    /// <summary>Whether it has been running since before a time without a mark in the store. Asked under the run's lock.</summary>
    internal bool NeedsMark(DateTimeOffset before) =>
        !_isMarked && !_isLeftBehind && !IsResting && IsShown && Volatile.Read(ref _hasBegun) && _startedAt < before;

    /// <summary>Counts an attempt that begins.</summary>
    private protected void BeginAttempt()
    {
        Attempt++;
        if (IsResting)
            Run.SetResting(this, false);
        Volatile.Write(ref _hasBegun, true);
    }

    /// <summary>
    /// Whether its own record must be written before that of a step which its body calls: those inside name it, and an execution
    /// after a crash finds them by it. Asked under the run's lock.
    /// </summary>
    internal bool NeedsMarkForInner => !_hasInner && !_isMarked && !_isLeftBehind && !IsAtMostOnce && !IsOver;

    /// <summary>Whether the store shows it as begun and not ended, or will: by this execution or by an earlier one.</summary>
    internal bool IsUnderWay => (Attempt > 0 || _isContinued) && !IsOver;

    /// <summary>Notes that its body calls a step, when its own record was written. Called under the run's lock.</summary>
    internal void NoteInner() => Volatile.Write(ref _hasInner, true);

    /// <summary>The record that says that it runs.</summary>
    internal StepRunRecord Mark()
    {
        _isMarked = true;
        return Record(StepRunState.Running);
    }

    /// <summary>The record of a step whose code still runs although its run is over. What it comes to is not kept. Called under the run's lock.</summary>
    internal StepRunRecord LeaveBehind(string reason)
    {
        _isLeftBehind = true;
        return Record(StepRunState.Cancelled) with
        {
            EndedAt = Run.Host.Now,
            Reason = $"{reason}; its code did not heed the cancellation token and still runs",
        };
    }

    /// <summary>Says that it is over. False when it was left behind before. Called under the run's lock.</summary>
    internal bool TryEnd()
    {
        if (_isLeftBehind)
            return false;
        IsOver = true;
        IsResting = true; // no mark behind the end
        return true;
    }

    /// <summary>The record of this step run as it stands.</summary>
    protected StepRunRecord Record(StepRunState state, DateTimeOffset? endedAt = null, StoredValue? result = null) => new()
    {
        RunId = Run.Id,
        Sequence = Sequence,
        Key = _key,
        Site = _site,
        Step = Call.Definition.Code,
        Name = Call.Name(),
        ParentSequence = Pending?.ParentSequence ?? Caller.ParentSequence,
        State = state,
        Attempt = Attempt,
        StartedAt = _startedAt,
        EndedAt = endedAt,
        Inputs = _inputs,
        Result = result,
        ChildRunId = ChildRunId,
        AtMostOnce = IsAtMostOnce,
        Reason = Pending?.Reason,
        Undoes = Pending?.Undoes ?? 0,
        UndoesRunId = Pending?.UndoesRunId,
        Arguments = state == StepRunState.Completed ? null : Pending?.Arguments,
    };

    /// <summary>Writes the end of this step run; the caller's strand has seen it.</summary>
    /// <param name="record">The record.</param>
    /// <param name="beside">Adds what must become visible together with it.</param>
    private protected void Commit(StepRunRecord record, Action<WriteBatch>? beside = null)
    {
        if (record.State.IsEnd() && !Run.TryEnd(this))
            return;

        var ticket = beside is null ? Run.Write(record) : Run.Write(batch =>
        {
            batch.StepRuns.Add(record);
            beside(batch);
        });
        Caller.Saw(ticket);
        Tell(record);
    }

    /// <summary>Writes how this step run stands while its code does not run, so that the store shows it.</summary>
    private protected void Keep(StepRunRecord record)
    {
        Run.SetResting(this, true); // no mark behind it
        _isMarked = false;
        _isContinued = true;
        Commit(record);
    }

    private protected void Tell(StepRunRecord record)
    {
        if (IsShown)
            Run.Host.Observers.StepRunChanged(Run.Record, record);
    }

    private protected void Ledger(string? from, StepRunState to, string reason, string? next = null) =>
        Run.Write(new LedgerEntry
        {
            RunId = Run.Id,
            Sequence = Sequence,
            At = Run.Host.Now,
            From = from,
            To = to.ToString(),
            Actor = "engine",
            Reason = reason,
            Next = next,
        });
}
