namespace Fletcher.Engine;

/// <summary>
/// The steps that run inside a flow run: a list linked through its members, as every step goes through it and must not pay
/// for a node. Its owner's lock guards it.
/// </summary>
internal struct RunningSteps
{
    /// <summary>How many there are.</summary>
    internal int Count { get; private set; }

    /// <summary>The one that came last; its <see cref="StepExecution.Older"/> leads to the others. Null when there is none.</summary>
    internal StepExecution? Newest { get; private set; }

    internal void Add(StepExecution step)
    {
        step.Older = Newest;
        if (Newest is not null)
            Newest.Newer = step;
        Newest = step;
        step.IsRunning = true;
        Count++;
    }

    /// <summary>Takes a step out; false when it is not there.</summary>
    internal bool Remove(StepExecution step)
    {
        if (!step.IsRunning)
            return false;
        if (step.Newer is null)
            Newest = step.Older;
        else
            step.Newer.Older = step.Older;
        if (step.Older is not null)
            step.Older.Newer = step.Newer;
        step.Older = step.Newer = null;
        step.IsRunning = false;
        Count--;
        return true;
    }
}
