using Fletcher.Model;

namespace Fletcher.Engine;

/// <summary>What earlier executions of the body left and the last one did not come back to.</summary>
internal abstract partial class FlowExecution
{
    private const string Left = "its process went away, and no later execution of the flow came back to it";

    /// <summary>
    /// Ends what nobody goes on with: it was inside a step that is in doubt, or the code does not call it any more. Without this a step
    /// run, or a flow called there, would be shown as running for ever. What is inside is written before what is around it: an execution that
    /// dies in between leaves the outer one open, so that the next comes back to it.
    /// </summary>
    /// <param name="isOver">Whether the run has completed, so that what was not reached is superseded.</param>
    private async ValueTask EndUnreachedAsync(bool isOver)
    {
        if (Memory is null)
            return;
        foreach (var step in Memory.NotReached())
        {
            await EndChildAsync(step).ConfigureAwait(false);
            if (isOver)
                Write(End(step) with { Superseded = true });
            else if (!step.State.IsEnd())
                Write(End(step));
        }
    }

    private async ValueTask EndChildAsync(StepRunRecord step)
    {
        if (step.State.IsEnd() || step.ChildRunId is not { } id)
            return;
        var child = await Host.Store.GetFlowRunAsync(id, CancellationToken.None).ConfigureAwait(false);
        if (child is null || child.RootRunId != Record.RootRunId)
            return;
        await foreach (var inside in Host.Store.GetStepRunsAsync(id, CancellationToken.None).ConfigureAwait(false))
        {
            if (inside.State.IsEnd())
                continue;
            await EndChildAsync(inside).ConfigureAwait(false);
            Write(End(PendingUndo.Is(inside) ? new PendingUndo(inside).Dropped(Host.Now, Left) : inside));
        }

        // One that ended just before its caller knew of it stays what it is.
        if (!child.State.IsEnd() || child.State == FlowRunState.Crashed)
            Write(child with { State = FlowRunState.Crashed, EndedAt = Host.Now, HostId = null, Reason = Left, NextAttemptAt = null });
    }

    private StepRunRecord End(StepRunRecord step) => step.State.IsEnd()
        ? step
        : step with { State = StepRunState.Crashed, EndedAt = Host.Now, Reason = Left, NextAttemptAt = null };
}
