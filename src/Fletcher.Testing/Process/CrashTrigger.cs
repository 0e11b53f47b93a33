namespace Fletcher.Testing;

/// <summary>What becomes of a commit.</summary>
internal enum CommitFate
{
    /// <summary>It arrives, and the process goes on.</summary>
    Arrives,
    /// <summary>The process dies before it arrives.</summary>
    IsLost,
    /// <summary>It arrives, and the process dies before it knows.</summary>
    ArrivesLast,
}

/// <summary>Where a process dies.</summary>
internal enum CrashKind
{
    /// <summary>Before a commit arrives.</summary>
    BeforeCommit,
    /// <summary>After a commit has arrived, before the process knows.</summary>
    AfterCommit,
    /// <summary>When a step's code has run, before anything says so.</summary>
    InsideStep,
}

/// <summary>Counts the points at which a process can die, and lets it die at one of them.</summary>
/// <param name="kind">The kind of point; null to count only.</param>
/// <param name="at">Which of that kind, from 1.</param>
internal sealed class CrashTrigger(CrashKind? kind = null, int at = 0)
{
    private int _commits;
    private int _steps;

    internal int Commits => Volatile.Read(ref _commits);

    internal int Steps => Volatile.Read(ref _steps);

    /// <summary>Where it struck, in words; null while it has not.</summary>
    internal string? Where { get; private set; }

    internal CommitFate AtCommit(Func<string> what)
    {
        if (Interlocked.Increment(ref _commits) != at)
            return CommitFate.Arrives;
        switch (kind)
        {
            case CrashKind.BeforeCommit:
                Say($"before {what()} arrived in the store");
                return CommitFate.IsLost;
            case CrashKind.AfterCommit:
                Say($"right after {what()} arrived in the store");
                return CommitFate.ArrivesLast;
            default:
                return CommitFate.Arrives;
        }
    }

    /// <summary>Whether the process dies now that a step's code has run.</summary>
    internal bool AtStep(string step, int sequence)
    {
        if (Interlocked.Increment(ref _steps) != at || kind != CrashKind.InsideStep)
            return false;
        Say($"inside step {sequence} '{step}': its code had run, and nothing said so");
        return true;
    }

    internal void Say(string where) => Where ??= where;
}
