namespace Fletcher.Torture.Effects;

/// <summary>What a line of the effects file says.</summary>
internal enum EffectKind
{
    /// <summary>A host began to execute a run, under a fence.</summary>
    Taken,
    /// <summary>The body of a step began.</summary>
    Began,
    /// <summary>The body of a step is about to return.</summary>
    Returned,
    /// <summary>The body of a step is about to fail as planned.</summary>
    Failed,
    /// <summary>The body of a step was asked to stop.</summary>
    Stopped,
    /// <summary>The body of an undo began; the path is that of the node that it undoes.</summary>
    Undoing,
    /// <summary>The body of an undo is about to return.</summary>
    Undone,
    /// <summary>The body of an undo is about to fail as planned.</summary>
    UndoFailed,
    /// <summary>The body of an undo was asked to stop.</summary>
    UndoStopped,
}
