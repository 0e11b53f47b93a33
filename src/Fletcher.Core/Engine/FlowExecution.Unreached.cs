using Fletcher.Model;

namespace Fletcher.Engine;

/// <summary>What earlier executions of the body left and the last one did not come back to.</summary>
internal abstract partial class FlowExecution
{
    private const string Left = "its process went away, and no later execution of the flow came back to it";

    /// <summary>
    /// Ends what nobody goes on with: it was inside a step that is in doubt, or the code does not call it any more. Without this a step
    /// run, or a flow called there, would be shown as running for ever.
    /// </summary>
    /// <param name="isOver">Whether the run has completed, so that what was not reached is superseded.</param>
    private async ValueTask EndUnreachedAsync(bool isOver)
    {
        if (Memory is null)
            return;
        foreach (var step in Memory.NotReached())
        {
            if (isOver)
                Write(End(step) with { Superseded = true });
            else if (!step.State.IsEnd())
                Write(End(step));
            await EndChildAsync(step).ConfigureAwait(false);
        }
    }

    private async ValueTask EndChildAsync(StepRunRecord step)
    {
        if (step.State.IsEnd() || step.ChildRunId is not { } id)
            return;
        var child = await Host.Store.GetFlowRunAsync(id, CancellationToken.None).ConfigureAwait(false);
        if (child is null || child.RootRunId != Record.RootRunId)
            return;

        // One may have ended just before its caller knew of it; then what would undo it still waits.
        if (!child.State.IsEnd() || child.State == FlowRunState.Crashed)
            Write(child with { State = FlowRunState.Crashed, EndedAt = Host.Now, HostId = null, Reason = Left, NextAttemptAt = null });
        await foreach (var inside in Host.Store.GetStepRunsAsync(id, CancellationToken.None).ConfigureAwait(false))
        {
            if (inside.State.IsEnd())
                continue;
            Write(PendingUndo.Is(inside) ? new PendingUndo(inside).Dropped(Host.Now, Left) : End(inside));
            await EndChildAsync(inside).ConfigureAwait(false);
        }
    }

    private StepRunRecord End(StepRunRecord step) => step.State.IsEnd()
        ? step
        : step with { State = StepRunState.Crashed, EndedAt = Host.Now, Reason = Left, NextAttemptAt = null };
}
