namespace Fletcher.Diagnosis;

/// <summary>Knows what to do about some failures, and may look at the world for it.</summary>
public interface IFailureAdvisor
{
    /// <summary>
    /// One or two plain sentences: what is likely wrong, and the one thing to do about it. Null when it does not know this
    /// failure. What it throws is passed over, and it is given a few seconds at the most.
    /// </summary>
    ValueTask<string?> AdviseAsync(FailureContext context, CancellationToken cancellationToken);
}
