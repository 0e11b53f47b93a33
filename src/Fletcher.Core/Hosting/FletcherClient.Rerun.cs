using Fletcher.Model;

namespace Fletcher.Hosting;

public sealed partial class FletcherClient
{
    /// <summary>
    /// Asks for a run that has ended (completed too) again, from one of its step runs: that one, everything that was given its result, what is
    /// inside those and what is around them run again, and so on from there; everything else is reused. The records of what runs again are kept and do
    /// not count any more. A host that has the flow goes on with the run, or a program that calls the flow with the same parameters. When it returns,
    /// the request is kept; nothing of it is kept when it throws.
    /// </summary>
    /// <remarks>
    /// What depends on a result is read from the recorded inputs. There it is known only for results that are objects, lists or long texts and were given on
    /// as they were: a number, a short text, or an item out of a list is recorded by its value. A step that was given such a
    /// value runs again if the value is another one this time, and is reused if it is the same. So is a step that was called because of an
    /// <c>if</c> over a result. <see cref="PlanRerunAsync"/> tells beforehand.
    /// </remarks>
    /// <param name="run">The run, or a sub-flow of one; then the runs around it go on from there.</param>
    /// <param name="step">The step run, by sequence or by a name that only it has.</param>
    /// <param name="allowAtMostOnce">Whether at-most-once steps that have begun before may run a second time. Default false: then nothing is done if there are any.</param>
    /// <param name="reason">Why, in one sentence. Default: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What is reused and what runs.</returns>
    /// <exception cref="FletcherUsageException">
    /// There is no such run or step run, or several have the name (the message lists them); the run has not ended, or somebody has just asked for it; another run has its <c>Once</c> key by
    /// now; or at-most-once steps would run a second time (the message names them).
    /// </exception>
    public async Task<RunPlan> RerunAsync(
        RunId run, StepSelector step, bool allowAtMostOnce = false, string? reason = null, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var rerun = await ReadRerunAsync(run, step, cancellationToken).ConfigureAwait(false);
            var plan = await rerun.PlanAsync(PlanOf(rerun.Root.Flow), cancellationToken).ConfigureAwait(false);
            if (!allowAtMostOnce)
                CheckEffects(plan, rerun);

            var now = _time.GetUtcNow();
            var why = Wording.Say($"{Actor} asked for {rerun.From} again", reason);
            var beside = await rerun.WriteAsync(New(rerun.Root.Id, MessageKind.Retry, reason), now, why, cancellationToken).ConfigureAwait(false);
            if (await _store.TryReplaceAsync(rerun.Queue(now, why), rerun.Root.Version, beside, cancellationToken).ConfigureAwait(false))
            {
                _host?.Loop.Poke();
                return plan;
            }

            // Somebody was faster: what he did decides whether it is still possible.
            await CheckOnceKeyAsync(rerun.Root, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Tells what <see cref="RerunAsync"/> would reuse and what it would run. Changes nothing.</summary>
    /// <param name="run">The run, or a sub-flow of one.</param>
    /// <param name="step">The step run, by sequence or by a name that only it has.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">There is no such run or step run, or several have the name, or the run has not ended.</exception>
    public async Task<RunPlan> PlanRerunAsync(RunId run, StepSelector step, CancellationToken cancellationToken = default)
    {
        var rerun = await ReadRerunAsync(run, step, cancellationToken).ConfigureAwait(false);
        return await rerun.PlanAsync(PlanOf(rerun.Root.Flow), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells what <see cref="RetryAsync"/> would reuse and what it would run. Changes nothing.</summary>
    /// <param name="run">The run; it must be no sub-flow.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">There is no such run, it has completed, or it is a sub-flow.</exception>
    public async Task<RunPlan> PlanRetryAsync(RunId run, CancellationToken cancellationToken = default)
    {
        var record = await FindAsync(run, cancellationToken).ConfigureAwait(false);
        CheckRoot(record);
        if (record.State == FlowRunState.Completed)
            throw new FletcherUsageException("FLT1503", $"Flow run {run} of '{record.Flow}' has completed: there is nothing to retry. Re-run it from a step, or fork it.");
        var planner = new Planner(_store, cancellationToken);
        await planner.AddAsync(
            await RunHistory.ReadAsync(_store, record, cancellationToken).ConfigureAwait(false), new Dictionary<RunId, Invalidation>()).ConfigureAwait(false);
        planner.AddUnreached(run, PlanOf(record.Flow));
        return planner.End(record);
    }

    private static void CheckEffects(RunPlan plan, Rerun rerun)
    {
        var twice = plan.SecondEffects.Select(step => $"step run {step.Sequence} '{step.Name ?? step.Step}'{(step.RunId == plan.RunId ? "" : $" of sub-flow {step.RunId}")}").ToList();
        if (twice.Count == 0)
            return;
        const int most = 10;
        var names = string.Join(", ", twice.Take(most)) + (twice.Count > most ? $" and {twice.Count - most} more" : "");
        throw new FletcherUsageException(
            "FLT1506",
            $"With {rerun.From} of run {plan.RunId} of '{plan.Flow}', steps that must run at most once would run a second time: {names}. "
            + "Nothing was done. If that is wanted, say allowAtMostOnce: true.");
    }

    private async ValueTask<Rerun> ReadRerunAsync(RunId run, StepSelector step, CancellationToken cancellationToken)
    {
        while (true)
        {
            var record = await FindAsync(run, cancellationToken).ConfigureAwait(false);
            var root = record.RootRunId == run ? record : await FindAsync(record.RootRunId, cancellationToken).ConfigureAwait(false);
            if (!root.State.IsEnd())
            {
                throw new FletcherUsageException(
                    "FLT1503", $"Flow run {root.Id} of '{root.Flow}' is {root.State}{(root.Reason is { } why ? $" ({why})" : "")}: only a run that has ended can be asked for from a step.");
            }

            try
            {
                return await Rerun.ReadAsync(_store, FindAsync, root, run, step, cancellationToken).ConfigureAwait(false);
            }
            catch (FletcherUsageException e) when (e.Id == "FLT1505")
            {
                // Unless somebody has just asked for it, and the step run is not there for that.
                if ((await FindAsync(root.Id, cancellationToken).ConfigureAwait(false)).Version == root.Version)
                    throw;
            }
        }
    }

    private async ValueTask CheckOnceKeyAsync(FlowRunRecord run, CancellationToken cancellationToken)
    {
        if (run.OnceKey is { } key && await _store.FindOnceAsync(run.Flow, key, cancellationToken).ConfigureAwait(false) is { } other && other.Id != run.Id)
        {
            throw new FletcherUsageException(
                "FLT1507", $"Flow run {run.Id} of '{run.Flow}' cannot be done again: run {other.Id} has done '{key}' since, or is doing it ({other.State}).");
        }
    }

    private Runtime.FlowPlan? PlanOf(string flow) => _host?.FindFlow(flow)?.Plan?.Invoke();
}
