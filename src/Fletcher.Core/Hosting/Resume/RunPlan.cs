using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>
/// What an execution of a run would reuse and what it would run, from the records as they are now. It tells what is recorded; what the
/// flow's code does with it is up to the code: a step whose inputs turn out different runs again although it is planned as reused.
/// </summary>
public sealed record RunPlan
{
    /// <summary>The run that would be executed; for a fork its source.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The stable name of its flow.</summary>
    public required string Flow { get; init; }

    /// <summary>
    /// The step runs by run and sequence; those that somebody discarded, and those that the flow did not come back to, are left out. At the end the steps that the flow
    /// mentions and that were not reached yet, if the program that plans has the flow.
    /// </summary>
    public required IReadOnlyList<PlannedStep> Steps { get; init; }

    /// <summary>The at-most-once steps that would run although they have begun before. A re-run must be allowed them.</summary>
    public IEnumerable<PlannedStep> SecondEffects => Steps.Where(static step => step.IsSecondEffect);

    /// <summary>How many steps there are with this action.</summary>
    public int Count(PlannedAction action) => Steps.Count(step => step.Action == action);
}
