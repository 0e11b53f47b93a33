using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>A flow's policy with its texts read.</summary>
internal sealed class FlowPolicy
{
    private readonly FlowDefinition _flow;
    private readonly Backoff _backoff;

    internal FlowPolicy(FlowDefinition flow)
    {
        _flow = flow;
        _backoff = PolicyText.Backoff(flow.Id, flow.Backoff);
        Timeout = PolicyText.Duration(flow.Id, nameof(flow.Timeout), flow.Timeout);
        MemoryLimit = PolicyText.Memory(flow.Id, nameof(flow.MemoryLimit), flow.MemoryLimit);
        if (flow.Retries < 0)
            throw PolicyText.Error(flow.Id, nameof(flow.Retries), $"{flow.Retries}", "it is negative");
    }

    internal TimeSpan? Timeout { get; }

    /// <summary>How many bytes the process of a run may have; null without a limit.</summary>
    internal long? MemoryLimit { get; }

    /// <summary>Whether the body is executed again. An outcome that only a person can change is not retried.</summary>
    internal bool ShouldRetry(Exception error, int attempt) =>
        attempt <= _flow.Retries && !IsFinal(error);

    private static bool IsFinal(Exception error) => error switch
    {
        TransactionFailedException { InnerException: { } cause } => IsFinal(cause),
        EarlierFailureException earlier => earlier.Type.StartsWith("Fletcher.", StringComparison.Ordinal),
        _ => error is FletcherException or RunCancelledException,
    };

    internal TimeSpan Delay(int attempt) => _backoff.Delay(attempt);
}
