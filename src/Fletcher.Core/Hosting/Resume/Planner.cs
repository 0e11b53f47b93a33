using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>Writes down what an execution would do with each step run of a family, from the outermost run inwards.</summary>
internal sealed class Planner(IRunStore store, CancellationToken cancellationToken)
{
    private readonly List<PlannedStep> _steps = [];
    private readonly HashSet<string> _reached = [];

    /// <summary>The step runs of a run that is executed again.</summary>
    /// <param name="history">The run.</param>
    /// <param name="levels">What counts no more, by run; nothing of runs that are not in it.</param>
    internal async ValueTask AddAsync(RunHistory history, IReadOnlyDictionary<RunId, Invalidation> levels)
    {
        var invalid = levels.GetValueOrDefault(history.Run.Id);
        HashSet<int> reused = [];
        foreach (var step in history.Steps)
        {
            var why = invalid?.WhyAgain(step.Sequence);
            if (step.Superseded && why is null)
                continue;
            if (why is not null && invalid!.Discarded.ContainsKey(step.Sequence))
            {
                await AddAnewAsync(step, why).ConfigureAwait(false);
                continue;
            }

            var (action, reason) = why is not null
                ? (PlannedAction.RunsAgain, why)
                : reused.Contains(step.ParentSequence)
                    ? (PlannedAction.Reused, $"it is inside {RunHistory.Show(history.Find(step.ParentSequence)!)}, whose result is reused")
                    : Judge(step);
            Add(step, action, reason);
            if (action == PlannedAction.Reused)
                reused.Add(step.Sequence);
            else if (step.ChildRunId is { } id && await FindInsideAsync(id, history.Run.RootRunId).ConfigureAwait(false) is { } child)
                await AddAsync(levels.TryGetValue(id, out var level) ? level.History : child, levels).ConfigureAwait(false);
        }
    }

    /// <summary>A step that runs as if it never had, and what was inside the flow that it called.</summary>
    internal async ValueTask AddAnewAsync(StepRunRecord step, string why)
    {
        Add(step, PlannedAction.RunsAgain, why);
        if (step.ChildRunId is not { } id)
            return;

        // A run with a key of its own answers whoever calls it.
        var child = await store.GetFlowRunAsync(id, cancellationToken).ConfigureAwait(false);
        if (child is null or { OnceKey: not null })
            return;
        var history = await RunHistory.ReadAsync(store, child, cancellationToken).ConfigureAwait(false);
        foreach (var inside in history.Steps)
        {
            if (!inside.Superseded)
                await AddAnewAsync(inside, $"it is inside flow run {id} of '{child.Flow}', which is called anew").ConfigureAwait(false);
        }
    }

    internal void Add(StepRunRecord step, PlannedAction action, string why)
    {
        _reached.Add(step.Step.Name);
        _steps.Add(new PlannedStep
        {
            RunId = step.RunId,
            Sequence = step.Sequence,
            Step = step.Step.Name,
            Name = step.Name,
            Action = action,
            Why = why,
            IsSecondEffect = action == PlannedAction.RunsAgain && HasTakenEffect(step),
        });
    }

    /// <summary>What the flow mentions and no step run is of.</summary>
    internal void AddUnreached(RunId run, FlowPlan? plan)
    {
        if (plan is not null)
            AddUnreached(run, plan.Nodes, false);
    }

    internal RunPlan End(FlowRunRecord run) => new() { RunId = run.Id, Flow = run.Flow, Steps = _steps };

    private void AddUnreached(RunId run, IReadOnlyList<PlanNode> nodes, bool isConditional)
    {
        foreach (var node in nodes)
        {
            if (node.Kind is not (PlanNodeKind.Step or PlanNodeKind.SubFlow))
            {
                AddUnreached(run, node.Children, isConditional || node.Kind is not PlanNodeKind.FanOut);
            }
            else if (_reached.Add(node.Label))
            {
                var where = isConditional ? "in a branch, a loop or a handler" : "on the flow's way";
                _steps.Add(new PlannedStep
                {
                    RunId = run,
                    Step = node.Label,
                    Action = PlannedAction.MayRun,
                    Why = $"it was not reached yet; line {node.Line} has it {where}",
                });
            }
        }
    }

    private static (PlannedAction Action, string Why) Judge(StepRunRecord step) => step.State switch
    {
        StepRunState.Completed or StepRunState.Reused => (PlannedAction.Reused, "its result is remembered"),
        StepRunState.Cached => (PlannedAction.Reused, "its result, which came from a cache, is remembered"),
        StepRunState.Skipped => (PlannedAction.Reused, "it had nothing to do"),
        StepRunState.Unknown => (PlannedAction.InDoubt, "whether it took effect is not known, and it must not run twice: say what happened, with ResolveAsync"),
        StepRunState.Running or StepRunState.Crashed when step.AtMostOnce =>
            (PlannedAction.InDoubt, "its process went away inside it, and it must not run twice: say what happened, with ResolveAsync"),
        StepRunState.Running or StepRunState.Crashed => (PlannedAction.RunsAgain, "its process went away inside it"),
        StepRunState.Retrying => (PlannedAction.RunsAgain, $"attempt {step.Attempt} failed, and the next one is to come"),
        StepRunState.Waiting => (PlannedAction.RunsAgain, "it goes on waiting"),
        StepRunState.Failed => (PlannedAction.RunsAgain, $"it failed: {step.Error?.Type}: {step.Error?.Message}"),
        StepRunState.Cancelled => (PlannedAction.RunsAgain, "it was cancelled"),
        _ => (PlannedAction.RunsAgain, step.Reason ?? "it has not run"),
    };

    // One that failed said so itself; the engine tries it again for everybody who asks.
    private static bool HasTakenEffect(StepRunRecord step) => step is { AtMostOnce: true, Attempt: > 0, State: not StepRunState.Failed };

    private async ValueTask<RunHistory?> FindInsideAsync(RunId id, RunId root)
    {
        var child = await store.GetFlowRunAsync(id, cancellationToken).ConfigureAwait(false);
        return child is null || child.RootRunId != root ? null : await RunHistory.ReadAsync(store, child, cancellationToken).ConfigureAwait(false);
    }
}
