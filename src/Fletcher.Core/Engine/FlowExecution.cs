using Fletcher.Diagnosis;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>
/// One flow run while it executes. It knows no result type, so that its code exists once; <see cref="FlowExecution{T}"/>
/// adds the type. What concerns the steps inside it is in FlowExecution.Steps.cs.
/// </summary>
internal abstract partial class FlowExecution
{
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource? _expiry;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<string> _tags;

    protected FlowExecution(FletcherHost host, Call call, FlowRunRecord record, FlowExecution? parent)
    {
        Host = host;
        Call = call;
        Definition = (FlowDefinition)call.Definition;
        Record = record;
        Causes = parent?.Causes ?? new Causes();
        _tags = record.Tags;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(parent?.Token ?? host.Stopping, call.CallerToken);
        _expiry = Definition.Timeout is null ? null : CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Token = (_expiry ?? _stop).Token;
    }

    internal FletcherHost Host { get; }

    internal Call Call { get; }

    internal FlowDefinition Definition { get; }

    internal FlowRunRecord Record { get; private set; }

    internal RunId Id => Record.Id;

    internal Causes Causes { get; }

    internal ResultTracker Results { get; } = new();

    /// <summary>What earlier executions left; null when this is the first.</summary>
    internal RunMemory? Memory { get; private set; }

    /// <summary>Whether a person asked for this execution, so that at-most-once steps that failed may be tried again.</summary>
    internal bool IsAskedFor { get; init; }

    /// <summary>Cancelled when the run is to stop, and when its time is up.</summary>
    internal CancellationToken Token { get; }

    /// <summary>Whether the run was asked to stop.</summary>
    private bool IsStopped => _stop.IsCancellationRequested;

    /// <summary>Whether the run must stop because its time is up.</summary>
    private bool IsExpired => _expiry is { IsCancellationRequested: true } && !IsStopped;

    /// <summary>Why the run is to stop; for the ledger.</summary>
    internal string StopReason => Call.CallerToken.IsCancellationRequested
        ? "the caller's token was cancelled"
        : IsExpired ? $"the flow's Timeout of {Definition.Timeout} was up"
        : Host.Stopping.IsCancellationRequested ? "the host stops" : "the flow that called it was stopped";

    /// <summary>Completes when the run is over, however it ended.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>Executes the body until it ends for good. Throws what the flow failed with.</summary>
    /// <param name="seen">The ticket of the record that begins or continues the run.</param>
    /// <param name="resumes">Whether there are earlier executions to remember.</param>
    internal async ValueTask RunAsync(long seen, bool resumes)
    {
        Host.Begin(this);
        try
        {
            if (resumes)
                Memory = await LoadMemoryAsync().ConfigureAwait(false);
            Host.Observers.FlowRunChanged(Record, Definition);
            await RunAttemptsAsync(seen).ConfigureAwait(false);
        }
        finally
        {
            Host.End(this);
            _ended.TrySetResult();

            // Unlinks it from the host's token, which lives much longer. Code that was left behind may go on to ask the token.
            _stop.Dispose();
        }
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

    private async ValueTask RunAttemptsAsync(long seen)
    {
        var policy = Definition.Policy;
        var deadline = policy.Timeout is { } timeout ? Host.Now + timeout : DateTimeOffset.MaxValue;
        if (Record.NextAttemptAt is { } due)
            seen = await RestUntilAsync(due, Record.Attempt).ConfigureAwait(false);
        for (var attempt = Record.Failures + 1; ; attempt++)
        {
            var error = await ExecuteBodyAsync(seen, deadline).ConfigureAwait(false);
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

            if (error is null)
            {
                await CompleteAsync(result).ConfigureAwait(false);
                return;
            }

            if (error is RunLostException)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
            if (error is StoreUnavailableException)
            {
                // Not the flow's failure: whoever has a store again continues the run, as after a crash.
                await EndAsync(FlowRunState.Crashed, "the store was not available", error).ConfigureAwait(false);
            }
            else if (error is OperationCanceledException && IsStopped)
            {
                await EndAsync(FlowRunState.Cancelled, StopReason, error).ConfigureAwait(false);
            }
            else if (!policy.ShouldRetry(error, attempt) || Token.IsCancellationRequested
                || Host.Now + policy.Delay(attempt) >= deadline)
            {
                await EndAsync(FlowRunState.Failed, null, error).ConfigureAwait(false);
            }
            else
            {
                seen = await RestAsync(error, attempt, policy.Delay(attempt)).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<Exception?> ExecuteBodyAsync(long seen, DateTimeOffset deadline)
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

        scope.EndLines();
        await WaitForStepsAsync().ConfigureAwait(false);
        return error ?? FindUnhandled();
    }

    private async ValueTask InvokeInAsync(Scope scope, DateTimeOffset deadline)
    {
        Ambient.Current = scope;
        if (deadline == DateTimeOffset.MaxValue)
        {
            await InvokeAsync(Token).ConfigureAwait(false);
            return;
        }

        await Deadline.RunAsync(
            InvokeAndExpireAsync, deadline - Host.Now, () => $"Flow '{Definition.Id}' took longer than its Timeout of {Definition.Timeout}.",
            Host.Time, work => Host.NoteLeak(Definition.Id, work), _stop.Token).ConfigureAwait(false);
    }

    /// <summary>Invokes the body; when its time is up, its steps stop too.</summary>
    private ValueTask InvokeAndExpireAsync(CancellationToken cancellationToken)
    {
        cancellationToken.UnsafeRegister(static expiry => ((CancellationTokenSource)expiry!).Cancel(), _expiry!);
        return InvokeAsync(cancellationToken);
    }

    private async ValueTask<RunMemory> LoadMemoryAsync()
    {
        try
        {
            return await RunMemory.LoadAsync(Host.Store, Id, Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (IsStopped)
        {
            await EndAsync(FlowRunState.Cancelled, StopReason, e).ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask CompleteAsync(StoredValue? result)
    {
        await EndUnreachedAsync(true).ConfigureAwait(false);
        Change(Record with { State = FlowRunState.Completed, EndedAt = Host.Now, Result = result, Error = null, Reason = null });
        await Host.Writer.CommitAsync(Host.Writer.Add(Record)).ConfigureAwait(false);
        Host.Observers.FlowRunChanged(Record, Definition);
    }

    private async ValueTask EndAsync(FlowRunState state, string? reason, Exception error)
    {
        var cause = Causes.Tie(error, Id, 0);
        Change(Record with
        {
            State = state,
            EndedAt = Host.Now,
            Reason = reason,
            Error = Host.Capture(error, cause),
        });
        Ledger(FlowRunState.Running, reason ?? ErrorCapture.Summary(error), null);
        try
        {
            if (state != FlowRunState.Crashed)
                await EndUnreachedAsync(false).ConfigureAwait(false);
            await Host.Writer.CommitAsync(Host.Writer.Add(Record)).ConfigureAwait(false);
            Host.Observers.FlowRunChanged(Record, Definition);
        }
        catch (StoreUnavailableException e) when (!ReferenceEquals(e, error))
        {
            // The run's own error is what its caller must see; that it could not be stored is said beside it.
            if (error.Data is { IsReadOnly: false } data)
                data["Fletcher.StoreUnavailable"] = e.Message;
            Host.Observers.FlowRunChanged(Record, Definition);
        }

        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
    }

    /// <summary>Waits until the body is executed again, with what it has done so far as its memory.</summary>
    private async ValueTask<long> RestAsync(Exception error, int attempt, TimeSpan delay)
    {
        var next = Host.Now + delay;
        Causes.Tie(error, Id, 0);
        Change(Record with { State = FlowRunState.Waiting, Failures = attempt, NextAttemptAt = next });
        Ledger(FlowRunState.Running, ErrorCapture.Summary(error), Plan(next));
        var ticket = await RestUntilAsync(next, Record.Attempt + 1).ConfigureAwait(false);
        Memory = await LoadMemoryAsync().ConfigureAwait(false);
        Forget();
        return ticket;
    }

    private string Plan(DateTimeOffset next) => $"retry {Record.Failures} of {Definition.Retries} at {next:HH:mm:ss}";

    /// <summary>Waits until the body is due. A crash meanwhile changes neither that time nor the number of failures.</summary>
    private async ValueTask<long> RestUntilAsync(DateTimeOffset next, int attempt)
    {
        Change(Record with { State = FlowRunState.Waiting, Reason = Plan(next) });
        await Host.Writer.CommitAsync(Host.Writer.Add(Record)).ConfigureAwait(false);
        Host.Observers.FlowRunChanged(Record, Definition);
        try
        {
            await Wait.UntilAsync(next, Host.Time, Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (IsStopped)
        {
            await EndAsync(FlowRunState.Cancelled, StopReason, e).ConfigureAwait(false);
        }

        Change(Record with { State = FlowRunState.Running, Reason = null, NextAttemptAt = null, Attempt = attempt });
        var ticket = Host.Writer.Add(Record);
        Host.Observers.FlowRunChanged(Record, Definition);
        return ticket;
    }

    private void Change(FlowRunRecord record)
    {
        lock (_gate)
            Record = ReferenceEquals(record.Tags, _tags) ? record : record with { Tags = _tags };
    }

    private void Ledger(FlowRunState from, string reason, string? next) => Host.Write(new LedgerEntry
    {
        RunId = Id,
        At = Host.Now,
        From = from.ToString(),
        To = Record.State.ToString(),
        Actor = "engine",
        Reason = reason,
        Next = next,
    });
}
