using Fletcher.Model;

namespace Fletcher.Engine;

/// <summary>What nobody goes on with, and is to be undone with the run all the same.</summary>
internal abstract partial class FlowExecution
{
    /// <summary>Takes over what sub-flows did that were under way when their process went away, and that no execution came back to.</summary>
    private async Task AdoptAsync(IEnumerable<StepRunRecord> steps)
    {
        foreach (var step in steps.Where(step => step is { ChildRunId: not null, Undoes: 0 } && (!step.State.IsEnd() || step.State == StepRunState.Crashed)).ToList())
        {
            var child = await Host.Store.GetFlowRunAsync(step.ChildRunId!.Value, CancellationToken.None).ConfigureAwait(false);
            if (child is null || child.RootRunId != Record.RootRunId)
                continue;
            List<StepRunRecord> inside = [];
            await foreach (var inner in Host.Store.GetStepRunsAsync(child.Id, CancellationToken.None).ConfigureAwait(false))
                inside.Add(inner);
            var undos = inside.Where(PendingUndo.Is).Select(undo => new PendingUndo(undo)).ToList();
            if (undos.Count > 0)
                await CommitAsync(Write(TakeOver(undos, 0))).ConfigureAwait(false);
            await AdoptAsync(inside).ConfigureAwait(false);
        }
    }
}
