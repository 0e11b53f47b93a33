using Fletcher.Model;

namespace Fletcher.Terminal;

/// <summary>
/// All runs of one step at one place of the tree, counted. The tree has as many of these as the flow has steps, however
/// many step runs there are.
/// </summary>
internal sealed class StepGroup(string name, StepGroup? parent)
{
    /// <summary>Up to this many step runs are shown one by one; more are a fan-out.</summary>
    internal const int MaxMembers = 4;

    // Step.Run allows names made at run time; a bound keeps the tree small when there is one for each item.
    private const int MaxChildren = 100;

    private Dictionary<string, StepGroup>? _byName;
    private readonly long[] _ended = new long[(int)StepRunState.NotRun + 1];

    internal string Name { get; } = name;

    internal StepGroup? Parent { get; } = parent;

    internal int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    internal bool IsFlow { get; private set; }

    internal List<StepGroup> Children { get; } = [];

    /// <summary>The first step runs, as they are now.</summary>
    internal List<StepRunRecord> Members { get; } = [];

    /// <summary>The first failed ones of a fan-out.</summary>
    internal List<StepRunRecord> Failures { get; } = [];

    /// <summary>The oldest one that has not ended.</summary>
    internal OpenStep? FirstOpen { get; private set; }

    internal OpenStep? LastOpen { get; private set; }

    internal long Started { get; private set; }

    internal long Ended { get; private set; }

    internal long Open => Started - Ended;

    /// <summary>How many there will be; 0 when it is not known.</summary>
    internal long Expected { get; set; }

    internal DateTimeOffset BeganAt { get; private set; }

    internal DateTimeOffset ChangedAt { get; private set; }

    /// <summary>What has been written of this group as lines.</summary>
    internal LineBudget Lines { get; } = new();

    internal bool IsFanOut => Started > MaxMembers;

    /// <summary>Whether it stands inside a fan-out.</summary>
    internal bool IsInFanOut
    {
        get
        {
            for (var group = Parent; group is not null; group = group.Parent)
                if (group.IsFanOut)
                    return true;
            return false;
        }
    }

    /// <summary>Whether the other one is this group, or stands somewhere inside it.</summary>
    internal bool IsAround(StepGroup other)
    {
        for (var group = other; group is not null; group = group.Parent)
            if (group == this)
                return true;
        return false;
    }

    internal long Count(StepRunState state) => _ended[(int)state];

    /// <summary>The child for a step; a common one when there are too many names.</summary>
    internal StepGroup Child(string name)
    {
        _byName ??= [];
        if (_byName.TryGetValue(name, out var child))
            return child;
        if (Children.Count >= MaxChildren)
        {
            const string Others = "(other steps)";
            if (_byName.TryGetValue(Others, out child))
                return child;
            name = Others;
        }
        child = new StepGroup(name, this);
        _byName.Add(name, child);
        Children.Add(child);
        return child;
    }

    internal void Begin(StepRunRecord step, DateTimeOffset now)
    {
        if (Started++ == 0)
            BeganAt = step.State is StepRunState.Reused or StepRunState.Cached ? now : step.StartedAt ?? now; // theirs is of another day
        IsFlow |= step.ChildRunId is not null;
        if (Members.Count < MaxMembers)
            Members.Add(step);
    }

    internal void Update(StepRunRecord step, DateTimeOffset now)
    {
        ChangedAt = now;
        IsFlow |= step.ChildRunId is not null;
        for (var i = 0; i < Members.Count; i++)
            if (Members[i].Sequence == step.Sequence && Members[i].RunId == step.RunId)
                Members[i] = step;
    }

    internal void End(StepRunRecord step)
    {
        Ended++;
        _ended[(int)step.State]++;
        if (step.State is StepRunState.Failed or StepRunState.Unknown or StepRunState.Crashed && Failures.Count < MaxMembers)
            Failures.Add(step);
    }

    internal void Link(OpenStep step)
    {
        step.Previous = LastOpen;
        step.Next = null;
        if (LastOpen is null)
            FirstOpen = step;
        else
            LastOpen.Next = step;
        LastOpen = step;
    }

    internal void Unlink(OpenStep step)
    {
        if (step.Previous is null)
            FirstOpen = step.Next;
        else
            step.Previous.Next = step.Next;
        if (step.Next is null)
            LastOpen = step.Previous;
        else
            step.Next.Previous = step.Previous;
        step.Previous = step.Next = null;
    }

    /// <summary>The state that stands for all: the worst of those that ended, unless some still run.</summary>
    internal StepRunState State
    {
        get
        {
            if (Open > 0)
                return StepRunState.Running;
            foreach (var state in (ReadOnlySpan<StepRunState>)[
                StepRunState.Failed, StepRunState.Crashed, StepRunState.Unknown, StepRunState.Cancelled,
                StepRunState.Completed, StepRunState.Reused, StepRunState.Cached, StepRunState.Skipped])
                if (Count(state) > 0)
                    return state;
            return StepRunState.NotRun;
        }
    }
}
