using Fletcher.Model;

namespace Fletcher.Torture.Oracle;

/// <summary>A step run as the store has it.</summary>
/// <param name="Sequence">Its number in the run.</param>
/// <param name="Path">The node that it is of; null for values that the flow remembers, and for transactions.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempt">How often it was tried.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Result">The hash of its result; null without one.</param>
internal sealed record StoredStep(int Sequence, string? Path, StepRunState State, int Attempt, DateTimeOffset? EndedAt, ContentHash? Result)
{
    /// <summary>Whether it stands for a transaction.</summary>
    public bool IsTransaction { get; init; }

    /// <summary>The sequence of the step run that it undoes; 0 when it undoes none.</summary>
    public int Undoes { get; init; }

    /// <summary>The run of that; null for the same run.</summary>
    public string? UndoesRun { get; init; }

    /// <summary>Whether it does not count any more.</summary>
    public bool IsDiscarded { get; init; }

    /// <summary>What is in the result of a step that can be undone; null for others, and without a result.</summary>
    public string? Receipt { get; init; }

    /// <summary>Whether it has not begun to undo, or was to go on with that later.</summary>
    public bool IsPendingUndo => Undoes != 0 && !State.IsEnd();
}

