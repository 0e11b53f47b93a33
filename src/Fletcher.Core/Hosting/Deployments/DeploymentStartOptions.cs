namespace Fletcher.Hosting;

/// <summary>How one run of a deployment is started by somebody. What is not said is as the deployment has it.</summary>
public sealed record DeploymentStartOptions
{
    /// <summary>A JSON object: each parameter in it takes the place of the deployment's; the others stay. Default: none.</summary>
    public string? Parameters { get; init; }

    /// <summary>
    /// The time that the run is for: what a parameter marked <see cref="ScheduledTimeAttribute"/> gets, unless <see cref="Parameters"/> has it. It is no firing: the schedule fires at this time all the
    /// same. Default: now.
    /// </summary>
    public DateTimeOffset? ScheduledTime { get; init; }

    /// <inheritdoc cref="StartOptions.At"/>
    public DateTimeOffset? At { get; init; }

    /// <inheritdoc cref="StartOptions.IdempotencyKey"/>
    public string? IdempotencyKey { get; init; }

    /// <inheritdoc cref="StartOptions.Reason"/>
    public string? Reason { get; init; }
}
