using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// A run that is to be executed again from one of its step runs. The step run may be in a sub-flow: then the steps around it that stand for the sub-flow, up to
/// the outermost run, are opened again too.
/// </summary>
internal sealed class Rerun
{
    private readonly IRunStore _store;
    private readonly StepRunRecord _from;
    private readonly List<Invalidation> _levels;

    private Rerun(IRunStore store, StepRunRecord from, List<Invalidation> levels)
    {
        _store = store;
        _from = from;
        _levels = levels;
    }

    /// <summary>The outermost run, which is the one that is executed.</summary>
    internal FlowRunRecord Root => _levels[^1].History.Run;

    /// <summary>The step run from which it is, for people.</summary>
    internal string From => _levels.Count == 1 ? RunHistory.Show(_from) : $"{RunHistory.Show(_from)} of sub-flow {_from.RunId}";

    /// <summary>Finds what has to run again.</summary>
    /// <param name="store">The store.</param>
    /// <param name="find">Finds a run, or throws.</param>
    /// <param name="root">The outermost run, as it was read before anything else: what is read behind it is as it says as long as its version is the same.</param>
    /// <param name="run">The run that has the step run.</param>
    /// <param name="step">The step run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FletcherUsageException">There is no such run or step run, or several fit, or it is in a sub-flow that does not count any more.</exception>
    internal static async ValueTask<Rerun> ReadAsync(
        IRunStore store, Func<RunId, CancellationToken, ValueTask<FlowRunRecord>> find, FlowRunRecord root, RunId run, StepSelector step, CancellationToken cancellationToken)
    {
        var level = await ReadLevelAsync(run).ConfigureAwait(false);
        var from = level.History.Select(step);
        level.Discard(from.Sequence, "it was asked for");
        List<Invalidation> levels = [level];
        while (level.History.Run is { ParentRunId: { } parent } inner && inner.RootRunId != inner.Id)
        {
            level = await ReadLevelAsync(parent).ConfigureAwait(false);
            if (level.History.Find(inner.ParentSequence) is not { } around || around.ChildRunId != inner.Id)
            {
                throw new FletcherUsageException(
                    "FLT1505", $"Flow run {inner.Id} of '{inner.Flow}' was called by step run {inner.ParentSequence} of run {parent}, which does not count any more: the flow was called anew since. Ask for a step run of that call.");
            }

            level.Open(around.Sequence, $"a step inside flow run {inner.Id} runs again");
            levels.Add(level);
        }

        return new Rerun(store, from, levels);

        async ValueTask<Invalidation> ReadLevelAsync(RunId id) => new(await RunHistory.ReadAsync(
            store, id == root.Id ? root : await find(id, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false));
    }

    internal async ValueTask<RunPlan> PlanAsync(FlowPlan? flow, CancellationToken cancellationToken)
    {
        var planner = new Planner(_store, cancellationToken);
        await planner.AddAsync(_levels[^1].History, _levels.ToDictionary(level => level.History.Run.Id)).ConfigureAwait(false);
        planner.AddUnreached(Root.Id, flow);
        return planner.End(Root);
    }

    /// <summary>The outermost run as it waits to be executed again.</summary>
    internal FlowRunRecord Queue(DateTimeOffset now, string why) => Root with
    {
        State = FlowRunState.Queued,
        Reason = why,
        Fence = Root.Fence + 1,
        HostId = null,
        CallerHostId = null,
        WakeAt = now,
        EndedAt = null,
        Result = null,
        Error = Root.IsUndoing ? Root.Error : null,
        Failures = 0,
        Crashes = 0,
        NextAttemptAt = null,
        ExpiresAt = null,

        // What could not be undone is undone before the flow is executed again, as in a retry.
        Undoing = Root.Undoing is { } undoing ? undoing with { To = FlowRunState.Running } : null,
    };

    /// <summary>What is written together with that.</summary>
    internal async ValueTask<WriteBatch> WriteAsync(RunMessage request, DateTimeOffset now, string why, CancellationToken cancellationToken)
    {
        var batch = new WriteBatch();
        batch.Messages.Add(request);
        batch.Ledger.Add(Entry(Root, FlowRunState.Queued, request, why));
        foreach (var level in _levels)
        {
            await DiscardAsync(batch, level, now, cancellationToken).ConfigureAwait(false);
            if (level.History.Run is { } run && run.Id != Root.Id)
            {
                batch.FlowRuns.Add(OpenAgain(run, why));
                batch.Ledger.Add(Entry(run, FlowRunState.Crashed, request, why));
            }
        }

        // What was asked of the run before is over: a cancellation that nobody has done must not meet this execution.
        foreach (var message in await _store.GetUntakenAsync(Root.Id, cancellationToken).ConfigureAwait(false))
        {
            if (message.Kind is MessageKind.Cancel or MessageKind.Pause)
                batch.Taken.Add(new TakenMessage(message.RunId, message.Number, -1));
        }

        return batch;
    }

    private async ValueTask DiscardAsync(WriteBatch batch, Invalidation level, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var last = level.History.LastSequence;
        foreach (var sequence in level.Discarded.Keys)
            batch.StepRuns.Add(Ended(level.History.Find(sequence)!, now) with { Discarded = true });
        foreach (var (sequence, why) in level.Opened)
        {
            // The step run keeps its number, as those inside it name it; what it was before is kept under another one.
            var step = level.History.Find(sequence)!;
            batch.StepRuns.Add(Ended(step, now) with { Sequence = ++last, Discarded = true });
            batch.StepRuns.Add(step with
            {
                State = StepRunState.NotRun,
                Reason = why,
                Attempt = 0,
                StartedAt = null,
                EndedAt = null,
                NextAttemptAt = null,
                Result = null,
                Error = null,
                Superseded = false,
            });
        }

        foreach (var question in await _store.GetQuestionsAsync(level.History.Run.Id, true, int.MaxValue, cancellationToken).ConfigureAwait(false))
        {
            if (level.Discarded.ContainsKey(question.Sequence))
                batch.Questions.Add(question with { ClosedAt = now });
        }
    }

    private static StepRunRecord Ended(StepRunRecord step, DateTimeOffset now) => step.State.IsEnd()
        ? step
        : step with { State = StepRunState.Crashed, EndedAt = now, NextAttemptAt = null };

    // An end that its caller goes on from, as after a crash.
    private static FlowRunRecord OpenAgain(FlowRunRecord run, string why) => run with
    {
        State = FlowRunState.Crashed,
        Reason = why,
        Fence = run.Fence + 1,
        HostId = null,
        WakeAt = null,
        Result = null,
        Error = null,
        Failures = 0,
        NextAttemptAt = null,
        ExpiresAt = null,
    };

    private static LedgerEntry Entry(FlowRunRecord run, FlowRunState to, RunMessage request, string why) => new()
    {
        RunId = run.Id,
        At = request.SentAt,
        From = run.State.ToString(),
        To = to.ToString(),
        Actor = request.Actor,
        Reason = why,
        Next = to == FlowRunState.Queued ? "a host that has the flow goes on with it, or a program that calls the flow with the same parameters" : null,
    };
}
