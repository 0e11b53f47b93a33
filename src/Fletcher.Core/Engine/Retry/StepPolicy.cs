using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>A step's policy with its texts read.</summary>
internal sealed class StepPolicy
{
    private readonly StepDefinition _step;

    internal StepPolicy(StepDefinition step)
    {
        _step = step;
        Backoff = PolicyText.Backoff(step.Id, step.Backoff);
        Timeout = PolicyText.Duration(step.Id, nameof(step.Timeout), step.Timeout);
        TotalTimeout = PolicyText.Duration(step.Id, nameof(step.TotalTimeout), step.TotalTimeout);
        CacheFor = PolicyText.Duration(step.Id, nameof(step.Cache), step.Cache);
        if (step.Retries < 0)
            throw PolicyText.Error(step.Id, nameof(step.Retries), $"{step.Retries}", "it is negative");
        if (step.Jitter is not (>= 0 and <= 1))
            throw PolicyText.Error(step.Id, nameof(step.Jitter), $"{step.Jitter}", "it is not between 0 and 1");
        OnDrift = step.OnDrift != OnDrift.Default ? step.OnDrift
            : step.Delivery == Delivery.AtMostOnce ? OnDrift.Stop
            : OnDrift.Rerun;
    }

    internal Backoff Backoff { get; }

    internal TimeSpan? Timeout { get; }

    internal TimeSpan? TotalTimeout { get; }

    internal TimeSpan? CacheFor { get; }

    internal OnDrift OnDrift { get; }

    internal int Retries => _step.Retries;

    /// <summary>Whether this exception, thrown by the given attempt, is to be retried.</summary>
    internal bool ShouldRetry(Exception error, int attempt) =>
        attempt <= _step.Retries
        && error is not (FletcherException or RunCancelledException)
        && !_step.NoRetryOn.Any(type => type.IsInstanceOfType(error))
        && (_step.RetryOn.Count == 0 || _step.RetryOn.Any(type => type.IsInstanceOfType(error)))
        && (_step.RetryIf is null || _step.RetryIf(error));

    /// <summary>How long to wait after this attempt: the backoff with its jitter, or what the callee asked for if that is longer.</summary>
    internal TimeSpan Delay(Exception error, int attempt, Random random, DateTimeOffset now)
    {
        var delay = Backoff.Delay(attempt);
        if (_step.Jitter > 0)
            delay *= 1 + (_step.Jitter * ((2 * random.NextDouble()) - 1));
        return RetryAfter.Of(error, now) is { } asked && asked > delay ? asked : delay;
    }
}
