namespace Fletcher.Hosting;

/// <summary>What a person found out about an at-most-once step run that is in doubt.</summary>
public sealed class StepResolution
{
    private StepResolution(ResolutionKind kind, GivenValue? result, string? error)
    {
        Kind = kind;
        Result = result;
        Error = error;
    }

    /// <summary>It took effect. It counts as completed; use this for a step that returns nothing.</summary>
    public static StepResolution TookEffect { get; } = new(ResolutionKind.TookEffect, null, null);

    /// <summary>It did not take effect. It does not count any more, and runs when the flow comes to it again.</summary>
    public static StepResolution DidNothing { get; } = new(ResolutionKind.DidNothing, null, null);

    internal ResolutionKind Kind { get; }

    internal GivenValue? Result { get; }

    internal string? Error { get; }

    /// <summary>It took effect and this is what it returned.</summary>
    public static StepResolution Returned<T>(T result) => new(ResolutionKind.TookEffect, GivenValue.Of(result), null);

    /// <summary>It took effect and this is what it returned, as JSON.</summary>
    /// <exception cref="FletcherUsageException">The text is no JSON.</exception>
    public static StepResolution ReturnedJson(string json) => new(ResolutionKind.TookEffect, GivenValue.OfJson(json), null);

    /// <summary>
    /// It failed. The flow's code gets a <see cref="StepFailedException"/> with this message whenever it comes to it, until somebody asks for the run (<see cref="FletcherClient.RetryAsync"/>):
    /// then it is tried again.
    /// </summary>
    /// <param name="message">What went wrong, in one sentence.</param>
    public static StepResolution Failed(string message)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(message);
        return new StepResolution(ResolutionKind.Failed, null, message);
    }
}

/// <summary>The kinds of what a person found out.</summary>
internal enum ResolutionKind
{
    TookEffect,
    DidNothing,
    Failed,
}
