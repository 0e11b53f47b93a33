using Fletcher.Model;

namespace Fletcher.Torture.Conductor;

/// <summary>A run that a deployment started, as it ended, and the firing that its result names.</summary>
internal sealed record FiredRun(FlowRunRecord Run, string? Firing)
{
    /// <summary>The deployment's name, from the run's tags.</summary>
    public string Deployment => Run.Tags.Single(tag => tag.StartsWith("deployment:", StringComparison.Ordinal))["deployment:".Length..];
}
