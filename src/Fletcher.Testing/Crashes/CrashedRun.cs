using Fletcher.Model;

namespace Fletcher.Testing;

/// <summary>A run of the flow from its start, over the death of its process if that came, to its end.</summary>
/// <param name="Final">The run as it ended.</param>
/// <param name="Effects">What it did to the world, as text.</param>
/// <param name="Events">What its steps did.</param>
/// <param name="Where">Where the process died; null when it did not.</param>
/// <param name="Commits">How many commits the first process made.</param>
/// <param name="Steps">How often it ran the code of steps.</param>
/// <param name="Roots">The runs without a parent.</param>
/// <param name="AtMostOnce">The results of the at-most-once steps that completed.</param>
internal sealed record CrashedRun(
    FlowTestRun Final,
    string Effects,
    IReadOnlyList<StepEvent> Events,
    string? Where,
    int Commits,
    int Steps,
    IReadOnlyList<FlowRunRecord> Roots,
    IReadOnlyDictionary<(string Flow, StepKey Key), StoredValue?> AtMostOnce)
{
    /// <summary>Whether it ended with a step in doubt, that nobody said anything about.</summary>
    internal bool IsInDoubt => Final.Steps.Any(step => step.State == StepRunState.Unknown);
}
