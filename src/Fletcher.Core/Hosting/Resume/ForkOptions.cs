namespace Fletcher.Hosting;

/// <summary>What is different in a fork. Default: nothing; it starts with everything that was done.</summary>
public sealed class ForkOptions
{
    private readonly Dictionary<string, GivenValue> _parameters = new(StringComparer.Ordinal);

    /// <summary>The step run before which the memory ends: it, and everything with a greater sequence, runs in the fork. Default: none.</summary>
    public StepSelector? Before { get; init; }

    /// <summary>Why, in one sentence. Default: none.</summary>
    public string? Reason { get; init; }

    internal IReadOnlyDictionary<string, GivenValue> Parameters => _parameters;

    internal (StepSelector Step, GivenValue Value)? Result { get; private set; }

    /// <summary>Gives a parameter of the flow another value.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="value">Its value.</param>
    public ForkOptions WithParameter<T>(string name, T value) => With(name, GivenValue.Of(value));

    /// <summary>Gives a parameter of the flow another value.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="json">Its value as JSON.</param>
    /// <exception cref="FletcherUsageException">The text is no JSON.</exception>
    public ForkOptions WithParameterJson(string name, string json) => With(name, GivenValue.OfJson(json));

    /// <summary>Gives a step run another result; what was given its result runs in the fork. There can be one such step run.</summary>
    /// <param name="step">The step run; it need not have completed.</param>
    /// <param name="value">Its result.</param>
    /// <exception cref="InvalidOperationException">Another result was given already.</exception>
    public ForkOptions WithResult<T>(StepSelector step, T value) => With(step, GivenValue.Of(value));

    /// <summary>Gives a step run another result; see <see cref="WithResult{T}"/>.</summary>
    /// <param name="step">The step run; it need not have completed.</param>
    /// <param name="json">Its result as JSON.</param>
    /// <exception cref="FletcherUsageException">The text is no JSON.</exception>
    /// <exception cref="InvalidOperationException">Another result was given already.</exception>
    public ForkOptions WithResultJson(StepSelector step, string json) => With(step, GivenValue.OfJson(json));

    private ForkOptions With(string name, GivenValue value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        _parameters[name] = value;
        return this;
    }

    private ForkOptions With(StepSelector step, GivenValue value)
    {
        if (Result is { } given)
            throw new InvalidOperationException($"The result of step run '{given.Step}' was given already; a fork takes one.");
        Result = (step, value);
        return this;
    }
}
