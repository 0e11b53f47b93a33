namespace Fletcher;

/// <summary>The policy of a step that is made with <c>Step.Run</c>; the same as the properties of <see cref="StepAttribute"/>.</summary>
public sealed record StepOptions
{
    /// <inheritdoc cref="StepAttribute.Retries"/>
    public int Retries { get; init; }
    /// <inheritdoc cref="StepAttribute.Backoff"/>
    public string? Backoff { get; init; }
    /// <inheritdoc cref="StepAttribute.Jitter"/>
    public double Jitter { get; init; }
    /// <inheritdoc cref="StepAttribute.RetryOn"/>
    public IReadOnlyList<Type> RetryOn { get; init; } = [];
    /// <inheritdoc cref="StepAttribute.NoRetryOn"/>
    public IReadOnlyList<Type> NoRetryOn { get; init; } = [];
    /// <summary>Decides whether an exception is retried. Default: all that the types allow.</summary>
    public Func<Exception, bool>? RetryIf { get; init; }
    /// <inheritdoc cref="StepAttribute.Timeout"/>
    public string? Timeout { get; init; }
    /// <inheritdoc cref="StepAttribute.TotalTimeout"/>
    public string? TotalTimeout { get; init; }
    /// <inheritdoc cref="StepAttribute.Delivery"/>
    public Delivery Delivery { get; init; }
    /// <inheritdoc cref="StepAttribute.ReadOnly"/>
    public bool ReadOnly { get; init; }
    /// <inheritdoc cref="StepAttribute.Cache"/>
    public string? Cache { get; init; }
    /// <summary>The path of what the step makes; see <see cref="StepAttribute.Target"/>.</summary>
    public string? Target { get; init; }
    /// <inheritdoc cref="StepAttribute.Limit"/>
    public string? Limit { get; init; }
    /// <summary>The key in the limit: each key has slots, rate, breaker and line of its own. Default: none, all share.</summary>
    public string? LimitKey { get; init; }
    /// <inheritdoc cref="StepAttribute.LimitWeight"/>
    public int LimitWeight { get; init; } = 1;
    /// <inheritdoc cref="StepAttribute.OnDrift"/>
    public OnDrift OnDrift { get; init; }
}
