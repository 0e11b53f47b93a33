using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Testing;

/// <summary>
/// Says what happened in the at-most-once steps that a dead process left in doubt, as a person would who went and looked. Here it is
/// known whether a step's code ran to its end.
/// </summary>
internal sealed class DoubtResolver(FlowTestHost test, CrashedRun undisturbed)
{
    private const string Actor = "test";

    internal async Task ResolveAsync()
    {
        var batch = new WriteBatch();
        var runs = await test.Store.GetFlowRunsAsync(new FlowRunQuery { Limit = 1000 }, CancellationToken.None).ConfigureAwait(false);
        foreach (var run in runs)
        {
            await foreach (var step in test.Store.GetStepRunsAsync(run.Id, CancellationToken.None).ConfigureAwait(false))
            {
                if (step is { AtMostOnce: true, State: StepRunState.Running or StepRunState.Crashed } && Resolve(run.Flow, step) is { } said)
                {
                    batch.StepRuns.Add(said);
                    batch.Ledger.Add(Entry(step, said));
                }
            }
        }

        if (batch.Count > 0)
            await test.Store.WriteAsync(batch, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>The record after it was said what happened; null when that cannot be told.</summary>
    private StepRunRecord? Resolve(string flow, StepRunRecord step)
    {
        var events = test.Events.Since(0)
            .Where(happened => happened.Run == step.RunId && happened.Sequence == step.Sequence && happened.Attempt == step.Attempt)
            .Select(happened => happened.Kind)
            .ToHashSet();

        // An attempt that was never made: it is free to be made.
        if (!events.Contains(StepEventKind.Began))
            return step with { State = StepRunState.Cancelled, Attempt = 0, StartedAt = null, Reason = "its process died before it began" };
        if (!events.Contains(StepEventKind.Returned) || !undisturbed.AtMostOnce.TryGetValue((flow, step.Key), out var result))
            return null;
        return step with { State = StepRunState.Completed, EndedAt = test.Time.GetUtcNow(), Result = result, Reason = "it took effect" };
    }

    private LedgerEntry Entry(StepRunRecord before, StepRunRecord after) => new()
    {
        RunId = after.RunId,
        Sequence = after.Sequence,
        At = test.Time.GetUtcNow(),
        From = before.State.ToString(),
        To = after.State.ToString(),
        Actor = Actor,
        Reason = after.Reason!,
    };
}
