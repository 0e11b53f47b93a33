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
}
