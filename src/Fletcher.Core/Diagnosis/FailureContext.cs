using Fletcher.Model;

namespace Fletcher.Diagnosis;

/// <summary>A failure that advice is wanted for.</summary>
/// <param name="Run">The flow run in which the cause is.</param>
/// <param name="Step">The step run that failed; null when the flow's own body did.</param>
/// <param name="Error">What it failed with.</param>
public sealed record FailureContext(FlowRunRecord Run, StepRunRecord? Step, ErrorRecord Error);
