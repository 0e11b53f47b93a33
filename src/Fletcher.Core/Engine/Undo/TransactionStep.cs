using Fletcher.Diagnosis;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>
/// A <c>Flow.Transaction</c>. It is kept like a step run, but its code is no step: it belongs to the strand that began it, is executed again with that, and
/// what it calls is recognised as without it. So it is not among the steps that run: the run may be parked while what is inside waits.
/// </summary>
/// <remarks>
/// Its record is <see cref="StepRunState.Running"/> with an error while it undoes; whoever comes back to it then goes on with the undoing. Failed, it tells its failure
/// again; where a body or a step is tried anew, the record is discarded in the batch that says so (<see cref="FlowExecution.TakeFailedTransactions"/>).
/// </remarks>
internal sealed class TransactionStep(Scope caller, WaitCall<Nothing> call, string member, Func<Task> work) : StepExecution<Nothing>(caller, call)
{
    private const string Name = "Flow.Transaction";
    private static readonly StepDefinition Scope = new() { Id = Name };
    private StepRunRecord? _left;

    /// <summary>The transaction around this one; null when there is none in this run.</summary>
    internal TransactionStep? Outer => Caller.Transaction;

    /// <summary>Whether it is among the strands of its run. Guarded by the run's lock.</summary>
    internal bool IsOpen { get; set; }

    /// <summary>How many steps inside it run, at any depth. Guarded by the run's lock.</summary>
    internal int StepsInside { get; set; }

    /// <summary>Completes when the last of <see cref="StepsInside"/> has ended; made by who waits for that. Guarded by the run's lock.</summary>
    internal TaskCompletionSource? WhenEmpty { get; set; }

    internal override bool IsStrand => true;

    protected override bool HasNoEffect => true;

    // Those in different items of a fan-out are different ones.
    protected override bool IsPositional => true;

    // Whatever is inside must come to its end too.
    protected override bool GoesOnToStop => _left is not null;

    internal static WaitCall<Nothing> CallFrom(string member, string file, int line) =>
        new(Scope, member, file, line, inputs => inputs.Add("in", member));

    internal static bool Is(StepRunRecord step) => step.Step.Name == Name && step.Undoes == 0;

    // The code is executed again in any case: what it returned is not kept, and its steps answer from memory.
    private protected override bool IsReusable => false;

    protected override void OnContinue(StepRunRecord record) => _left = record;

    protected override async ValueTask RunAttemptsAsync()
    {
        Attempt = 1;
        Run.NoteTransaction(this);
        _startedAt = _left?.StartedAt ?? Run.Host.Now;
        if (_left?.Error is not null && Caller.Memory is { } memory)
            PassInside(memory);
        if (_left is { State: StepRunState.Failed, Error: { } failed })
        {
            Run.NoteFailedTransaction(this, _left);
            throw Earlier(failed);
        }

        if (_left is { State: StepRunState.Running or StepRunState.Crashed, Error: { } undoing })
        {
            await UndoAsync(new EarlierFailureException(undoing), undoing).ConfigureAwait(false);
            return;
        }

        if (_left?.State != StepRunState.Completed)
            Commit(Record(StepRunState.Running));
        var error = await ExecuteAsync().ConfigureAwait(false);
        if (error is null)
        {
            Complete();
            return;
        }

        // Left in the middle: whoever goes on with the run comes here again.
        if (Run.Body != Caller.Body)
            await FlowExecution.Forever(this).ConfigureAwait(false);
        if (Run.IsLeft(this))
            await Run.HoldAsync(this).ConfigureAwait(false);
        if (error is StoreUnavailableException or RunLostException)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        if (Run.IsLeaving)
        {
            // As a cancellation, whatever it is: the step around it must not handle a failure that has not been undone, and complete.
            await Wait.ForCancellationAsync(Caller.Token).ConfigureAwait(false);
            throw new OperationCanceledException(Run.StopReason, error, Caller.Token);
        }

        await UndoAsync(error, Capture(error)).ConfigureAwait(false);
    }

    /// <summary>The code is not executed again: its calls count as made.</summary>
    private void PassInside(RunMemory memory)
    {
        Caller.Pass(memory.TakeInside(Key));
        if (!ReferenceEquals(memory, Run.Memory))
            Run.Memory?.TakeInside(Key);
    }

    /// <summary>Executes the code, and waits for the steps that it began.</summary>
    private new async Task<Exception?> ExecuteAsync()
    {
        Exception? error = null;
        Ambient.Current = Caller.ForTransaction(this);
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e;
        }

        await Run.WhenEmptyAsync(this).ConfigureAwait(false);
        return error ?? Run.FindUnhandled(this);
    }

    /// <summary>What it did stands. Nothing undoes it any more, unless a transaction around it fails.</summary>
    private void Complete()
    {
        var record = Record(StepRunState.Completed, Run.Host.Now);
        var isFinal = Outer is null && !Run.IsInTransaction;
        var dropped = isFinal ? Run.DropUndos(this) : [];
        if (_left?.State == StepRunState.Completed && dropped.Count == 0)
            return;
        Commit(record, batch => batch.StepRuns.AddRange(dropped.Select(undo => undo.Dropped(Run.Host.Now, "the transaction completed"))));
    }

    /// <summary>Undoes what is inside, and throws.</summary>
    private async Task UndoAsync(Exception error, ErrorRecord kept)
    {
        var isCancelled = error is OperationCanceledException && Caller.Token.IsCancellationRequested;
        if (UndoFailedException.Find(error) is not null)
        {
            // Something inside is half undone: what came before it must not be undone in its place.
            Fail(error, Record(StepRunState.Failed) with { Error = kept });
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        }

        string reason;
        try
        {
            Commit(Record(StepRunState.Running) with { Error = kept, Reason = "what it did is being undone" });
            reason = await Run.UndoAsync(this, _startedAt!.Value, Caller.Seen).ConfigureAwait(false);
        }
        catch (UndoFailure e)
        {
            var half = Undoing.Failed(e, error);
            Fail(half, Record(StepRunState.Failed) with { Error = Undoing.Capture(Run, half, kept), Reason = Undoing.Action(e) });
            throw half;
        }

        if (isCancelled)
        {
            Commit(Record(StepRunState.Cancelled) with { EndedAt = Run.Host.Now, Reason = $"{Run.StopReason}; {reason}" });
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        }

        var what = error is EarlierFailureException earlier ? earlier.Error.Message : error.Message;
        var failure = new TransactionFailedException($"The transaction in '{member}' failed, and {reason}: {what}", error);
        Fail(failure, Record(StepRunState.Failed) with { Error = Capture(failure), Reason = reason });
        throw failure;
    }

    private void Fail(Exception error, StepRunRecord record)
    {
        Run.Causes.Tie(error, Run.Id, Sequence);
        record = record with { EndedAt = Run.Host.Now };
        Commit(record);
        Run.NoteFailedTransaction(this, record);
    }

    private ErrorRecord Capture(Exception error) => Run.Host.Capture(error, Run.Causes.Tie(error, Run.Id, Sequence));

    /// <summary>The failure of an earlier execution, once more.</summary>
    private static FletcherException Earlier(ErrorRecord error)
    {
        var inner = new EarlierFailureException(error.Inner.Count > 0 ? error.Inner[0] : error);
        if (error.Type != typeof(UndoFailedException).FullName)
            return new TransactionFailedException(Undoing.WithoutId(error.Message), inner);
        return new UndoFailedException(Undoing.WithoutId(error.Message), inner, new EarlierFailureException(error.Inner.Count > 1 ? error.Inner[1] : error));
    }
}
