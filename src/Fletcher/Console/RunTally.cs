using Fletcher.Model;

namespace Fletcher.Terminal;

/// <summary>What a report about a flow run turned out to be.</summary>
internal enum RunChange
{
    /// <summary>Its execution by this host began.</summary>
    Began,
    /// <summary>Its body is executed again.</summary>
    Again,
    /// <summary>What it did begins to be undone.</summary>
    Undoes,
    /// <summary>Something else about it changed.</summary>
    Changed,
    /// <summary>It ended.</summary>
    Ended,
    /// <summary>It had ended before, and nothing was executed.</summary>
    WasDone,
}

/// <summary>
/// Counts what the engine tells. It takes the same time and no memory for each step run, however many there are; whoever
/// calls it holds the observer's lock.
/// </summary>
internal sealed class RunTally(TimeProvider time, RunFlood flood)
{
    private const int MaxPooled = 1024;

    private readonly Dictionary<RunId, RunNode> _runs = [];
    private readonly Stack<OpenStep> _pool = new();

    /// <summary>The outermost runs that this host executes now and that are shown, oldest first.</summary>
    internal List<RunNode> Roots { get; } = [];

    internal RunNode? Find(RunId run) => _runs.GetValueOrDefault(run);

    internal (RunNode Run, RunChange Change) Tell(FlowRunRecord record)
    {
        if (!_runs.TryGetValue(record.Id, out var run))
        {
            return record.State.IsEnd()
                ? (new RunNode(record, new StepGroup(record.Flow, null), null, time.GetUtcNow()), RunChange.WasDone)
                : (Add(record), RunChange.Began);
        }

        var before = run.Record;
        run.Record = record;
        if (record.State.IsEnd())
        {
            Remove(run);
            return (run, RunChange.Ended);
        }
        if (record.IsUndoing && !before.IsUndoing)
            return (run, RunChange.Undoes);
        if (record.Attempt <= before.Attempt)
            return (run, RunChange.Changed);

        // Counts of a sub-flow are those of all its runs together, so only those of an outermost run can start anew.
        if (run.IsRoot)
        {
            Abandon(run);
            run.Group = new StepGroup(record.Flow, null);
            run.Summaries.Clear();
            run.Last = null;
            run.Ended = run.Reused = 0;
        }
        return (run, RunChange.Again);
    }

    internal (RunNode Run, StepGroup Group) Tell(FlowRunRecord record, StepRunRecord step)
    {
        if (!_runs.TryGetValue(record.Id, out var run))
            run = Add(record);

        var now = TimeOf(step);
        StepGroup group;
        if (run.Open.TryGetValue(step.Sequence, out var open))
        {
            group = open.Group;
        }
        else
        {
            group = GroupOf(run, step);
            group.Begin(step, now);
            if (!step.State.IsEnd())
                open = Link(run, group, step);
        }

        group.Update(step, now);
        if (!step.State.IsEnd())
        {
            open!.Record = step;
            return (run, group);
        }

        if (open is not null)
            Unlink(run, open);
        group.End(step);
        var root = run.Root;
        root.Ended++;
        if (step.State is StepRunState.Reused)
            root.Reused++;
        return (run, group);
    }

    /// <summary>Takes in that a step run that had ended was undone; it was counted then.</summary>
    internal void TellUndone(FlowRunRecord record, StepRunRecord step)
    {
        if (Find(record.Id) is { } run)
            GroupOf(run, step).Update(step, time.GetUtcNow());
    }

    /// <summary>Takes the size of a fan-out.</summary>
    internal void Announce(RunId id, int parentSequence, string? step, long total)
    {
        if (Find(id) is not { } run)
            return;
        if (step is null)
            run.Announced = (parentSequence, total);
        else
            ParentOf(run, parentSequence).Child(step).Expected += total;
    }

    // The clock need not be read for what has just been written down.
    private DateTimeOffset TimeOf(StepRunRecord step) => step switch
    {
        { State: StepRunState.Completed, EndedAt: { } ended } => ended,
        { State: StepRunState.Running, Attempt: <= 1, StartedAt: { } started } => started,
        _ => time.GetUtcNow(),
    };

    private static StepGroup GroupOf(RunNode run, StepRunRecord step)
    {
        var parent = ParentOf(run, step.ParentSequence);
        // Mostly the same step comes again, with the same record of its code.
        if (run.Last is { } last && last.Parent == parent && ReferenceEquals(run.LastCode, step.Step))
            return last;

        var group = parent.Child(step.Step.Name);
        (run.Last, run.LastCode) = (group, step.Step);
        if (group.Started == 0 && run.Announced is { } announced && announced.ParentSequence == step.ParentSequence)
        {
            group.Expected = announced.Total;
            run.Announced = null;
        }
        return group;
    }

    private static StepGroup ParentOf(RunNode run, int parentSequence) =>
        parentSequence != 0 && run.Open.TryGetValue(parentSequence, out var parent) ? parent.Group : run.Group;

    private RunNode Add(FlowRunRecord record)
    {
        // A run whose parent is not executed here, or is over, stands for itself.
        var parent = record.ParentRunId is { } id ? Find(id) : null;
        var group = parent is null ? new StepGroup(record.Flow, null) : ParentOf(parent, record.ParentSequence);
        var isShown = parent?.IsShown ?? flood.Admit(record.Flow);
        var run = new RunNode(record, group, parent, time.GetUtcNow()) { IsShown = isShown };
        _runs.Add(record.Id, run);
        if (parent is null && isShown)
            Roots.Add(run);
        return run;
    }

    private void Remove(RunNode run)
    {
        Abandon(run);
        _runs.Remove(run.Record.Id);
        if (run is { IsRoot: true, IsShown: true })
            Roots.Remove(run);
        else if (run.IsRoot)
            flood.Count(run.Record);
    }

    // Steps that nobody told the end of, as the run ended over them.
    private void Abandon(RunNode run)
    {
        foreach (var open in run.Open.Values.ToArray())
        {
            var group = open.Group;
            var record = open.Record with { State = StepRunState.Cancelled };
            Unlink(run, open);
            group.Update(record, time.GetUtcNow());
            group.End(record);
        }
    }

    private OpenStep Link(RunNode run, StepGroup group, StepRunRecord step)
    {
        var open = _pool.Count > 0 ? _pool.Pop() : new OpenStep();
        open.Group = group;
        open.Record = step;
        run.Open.Add(step.Sequence, open);
        group.Link(open);
        return open;
    }

    private void Unlink(RunNode run, OpenStep open)
    {
        run.Open.Remove(open.Record.Sequence);
        open.Group.Unlink(open);
        open.Progress = null;
        open.ToldAt = default;
        open.Group = null!;
        open.Record = null!;
        if (_pool.Count < MaxPooled)
            _pool.Push(open);
    }
}
