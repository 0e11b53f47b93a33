using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>A step that completed and that can be undone, as its run knows it.</summary>
/// <param name="Record">The step run that undoes it: waiting, or left from an earlier attempt to undo.</param>
/// <param name="Definition">How it is undone; null when an earlier execution left it.</param>
/// <param name="Call">The call that is undone, where the undo is given what only the call has; else null.</param>
internal sealed record PendingUndo(StepRunRecord Record, UndoDefinition? Definition = null, Call? Call = null)
{
    internal int Sequence => Record.Sequence;

    /// <summary>The record when it is not needed any more. One that failed, or that nobody knows about, stays what it is, and only does not count.</summary>
    internal StepRunRecord Dropped(DateTimeOffset at, string reason) => Record is { State: StepRunState.Waiting, StartedAt: null }
        ? Record with { State = StepRunState.NotRun, EndedAt = at, Reason = reason, Arguments = null }
        : Record with { Superseded = true, Reason = Record.Reason is { } why ? $"{why}; {reason}" : reason };

    /// <summary>Whether a step run is one that is yet to undo something.</summary>
    internal static bool Is(StepRunRecord step) => step.Undoes != 0 && !step.Discarded && !step.Superseded
        && step.State is not (StepRunState.Completed or StepRunState.NotRun);
}
