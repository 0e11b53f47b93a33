using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>
/// A step run that undoes another one. It has the policy of its method like any step. What it is given was kept when the other completed; in the batch with its own end the other is
/// discarded, so that it is undone and remembered or neither.
/// </summary>
internal sealed class UndoStep<T>(Scope caller, UndoCall<T> call, StepRunRecord pending, UndoLog log) : MethodStep<T>(caller, call)
{
    internal override StepRunRecord? Pending => pending;

    private protected override void Identify() => IdentifyAs(pending);

    private protected override async ValueTask<bool> RecallAsync()
    {
        if (pending.StartedAt is null && pending.State == StepRunState.Waiting)
            return false;
        Inner = await RunMemory.LoadAsync(Run.Host.Store, Run.Id, Caller.Token, Sequence).ConfigureAwait(false);
        Continue(pending);
        return false;
    }

    // A result of another run undoes nothing in this one.
    protected override ValueTask<bool> AnswerWithoutRunningAsync() => new(false);

    private protected override Action<WriteBatch>? Beside(StepRunRecord record) => batch =>
    {
        log.Mark(pending, batch);
        Run.ForgetCached(log.Undone(pending), batch);
    };

    private protected override void OnSucceeded()
    {
        Run.RemoveUndo(Sequence);
        if (log.Undone(pending) is { } undone)
            Run.Host.Observers.StepRunChanged(Run.Record, undone);
    }
}
