using Fletcher.Diagnosis;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>A step run of a user's method or lambda: its policy decides about attempts, limits, caches and targets.</summary>
internal partial class MethodStep<T>(Scope caller, Call<T> call) : StepExecution<T>(caller, call)
{
    private readonly StepDefinition _step = (StepDefinition)call.Definition;
    private int _leaked;
    private DateTimeOffset? _restsUntil;

    private StepPolicy Policy => _step.Policy;

    protected override bool HasNoEffect => _step.ReadOnly;

    protected override bool IsAtMostOnce => _step.Delivery == Delivery.AtMostOnce;

    protected override OnDrift OnDrift => Policy.OnDrift;

    internal override DateTimeOffset? RestsUntil => _restsUntil;

    internal override string WaitsFor => $"waits for attempt {Attempt + 1} of '{Id}'";

    protected override async ValueTask RunAttemptsAsync()
    {
        if (_step.Undo is not null && !Call.WritesUndo)
            throw Undoing.OutOfSight(_step);
        var deadline = Policy.TotalTimeout is { } total ? (_startedAt ?? Run.Host.Now) + total : DateTimeOffset.MaxValue;
        if (DueAt is { } due)
            await WaitUntilAsync(due).ConfigureAwait(false);

        try
        {
            await RunAttemptsAsync(deadline).ConfigureAwait(false);
        }
        finally
        {
            if (Hold is not null)
                ReleaseHold(LimitEnd.Unknown);
        }
    }

    private async ValueTask RunAttemptsAsync(DateTimeOffset deadline)
    {
        while (true)
        {
            // Again, as what it waited for may have taken its time.
            await Run.ThrowIfStoppedAsync(Caller).ConfigureAwait(false);
            if (_step.Limit is not null)
                await AcquireAsync(deadline).ConfigureAwait(false);
            _startedAt ??= Run.Host.Now;
            BeginAttempt();
            NoteStart();
            if (Run.Host.Faults is { } faults)
                await faults.BeforeAttemptAsync(this).ConfigureAwait(false);
            if (Run.Host.Observers.Any)
                Tell(Record(StepRunState.Running));
            if (IsAtMostOnce)
                await Run.CommitAsync(Run.Write(Record(StepRunState.Running))).ConfigureAwait(false);

            try
            {
                await AttemptAsync(deadline).ConfigureAwait(false);
            }
            catch (Exception e) when (HasEnded(e) && NextAttempt(e, deadline) is { } next)
            {
                await RetryAtAsync(e, next).ConfigureAwait(false);
                continue;
            }

            if (Hold is not null)
                ReleaseHold(LimitEnd.Succeeded);
            Succeed();
            await Run.Host.Writer.WaitForRoomAsync(Caller.Seen).ConfigureAwait(false);
            return;
        }
    }

    private async ValueTask AttemptAsync(DateTimeOffset deadline)
    {
        var scope = Scope.ForStep(this, Caller.Seen);
        Ambient.Current = scope;
        var limit = Limit(deadline);
        if (limit <= TimeSpan.Zero)
            throw new StepTimeoutException(TimeoutMessage(limit.Value));
        using var linked = LinkCallerToken();
        var token = linked?.Token ?? Caller.Token;
        try
        {
            if (limit is null)
                await CallAsync(token).ConfigureAwait(false);
            else
                await Deadline.RunAsync(CallAsync, limit.Value, () => TimeoutMessage(limit.Value), Run.Host.Time, NoteLeak, Deadline.Grace, token).ConfigureAwait(false);
        }
        finally
        {
            scope.EndLines();
        }
    }

    private ValueTask CallAsync(CancellationToken token) =>
        Run.Host.Faults is { } faults ? faults.AttemptAsync(this, InvokeAsync, token) : InvokeAsync(token);

    private CancellationTokenSource? LinkCallerToken() => Call.CallerToken.CanBeCanceled
        ? CancellationTokenSource.CreateLinkedTokenSource(Caller.Token, Call.CallerToken)
        : null;

    private TimeSpan? Limit(DateTimeOffset deadline)
    {
        if (deadline == DateTimeOffset.MaxValue)
            return Policy.Timeout;
        var left = deadline - Run.Host.Now;
        return Policy.Timeout is { } timeout && timeout < left ? timeout : left;
    }

    private string TimeoutMessage(TimeSpan limit) => limit == Policy.Timeout
        ? $"Attempt {Attempt} of '{Id}' took longer than its Timeout of {_step.Timeout}."
        : $"'{Id}' took longer than its TotalTimeout of {_step.TotalTimeout} (in attempt {Attempt}).";

    private void NoteLeak(Task work)
    {
        Interlocked.Increment(ref _leaked);
        Hold?.KeepUntil(work);
        Run.Host.NoteLeak(Id, work);
    }

    private void Succeed()
    {
        var endedAt = Run.Host.Now;
        CheckTarget();
        var record = Record(StepRunState.Completed, endedAt, EncodeResult());
        Commit(record, Beside(record));
        StoreInCache(record);
        OnSucceeded();
    }

    /// <summary>What must become visible together with its success; null for nothing.</summary>
    private protected virtual Action<WriteBatch>? Beside(StepRunRecord record)
    {
        if (_step.Undo is not { } undo || Caller.IsUndoing)
            return null;
        var pending = Run.AddUndo(this, undo, new UndoInputs<T>(undo.Step, (Call<T>)Call, Result));
        return batch => batch.StepRuns.Add(pending);
    }

    // Somebody said that it took effect, or it had no Undo when it ran: then nothing was kept to undo it with. What a run began with was done by another one.
    protected override void OnReuse(StepRunRecord record)
    {
        if (_step.Undo is { } undo && Call.WritesUndo && record.State == StepRunState.Completed && !Caller.IsUndoing
            && Run.Record.ForkedFrom is null && !Run.HasUndo(record.Sequence))
            Caller.Saw(Run.Write(Run.AddUndo(this, undo, new UndoInputs<T>(undo.Step, (Call<T>)Call, Result))));
    }

    /// <summary>Told that its success is written.</summary>
    private protected virtual void OnSucceeded()
    {
    }

    /// <summary>When the next attempt is due; null when there is none.</summary>
    private DateTimeOffset? NextAttempt(Exception error, DateTimeOffset deadline)
    {
        // Code that was left behind may still take effect; a second attempt could then be a second effect.
        // A host that leaves the run keeps the failure and the retry: whoever goes on makes it.
        if ((IsStopped && (!Run.IsLeaving || error is OperationCanceledException)) || (IsAtMostOnce && _leaked > 0) || !Policy.ShouldRetry(error, Attempt))
            return null;
        var now = Run.Host.Now;
        var next = now + Policy.Delay(error, Attempt, Run.Host.Random, now);
        return next < deadline ? next : null;
    }

    private async ValueTask RetryAtAsync(Exception error, DateTimeOffset next)
    {
        var cause = Run.Causes.Tie(error, Run.Id, Sequence);
        var record = Record(StepRunState.Retrying) with
        {
            NextAttemptAt = next,
            Error = Run.Host.Capture(error, cause),
        };
        Ledger(
            nameof(StepRunState.Running), StepRunState.Retrying, ErrorCapture.Summary(error),
            $"retry {Attempt} of {_step.Retries} at {next:HH:mm:ss}");
        Run.SetResting(this, true);
        var failed = HasInner ? Run.TakeFailedTransactions(this) : [];
        Commit(record, failed.Count == 0 ? null : batch => batch.StepRuns.AddRange(failed));
        await Run.CommitAsync(Caller.Seen).ConfigureAwait(false);
        await WaitUntilAsync(next).ConfigureAwait(false);
        if (HasInner)
            Inner = await RunMemory.LoadAsync(Run.Host.Store, Run.Id, Caller.Token, Sequence, Key).ConfigureAwait(false);
    }

    private async ValueTask WaitUntilAsync(DateTimeOffset due)
    {
        using var linked = LinkCallerToken();
        _restsUntil = due;
        await Run.RestAsync(this, token => Wait.UntilAsync(due, Run.Host.Time, token), linked?.Token ?? Caller.Token).ConfigureAwait(false);
        await Run.PassGateAsync(this).ConfigureAwait(false);
    }
}
