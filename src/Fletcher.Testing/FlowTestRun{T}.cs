namespace Fletcher.Testing;

/// <summary>What became of a flow that returns a <typeparamref name="T"/>.</summary>
public sealed class FlowTestRun<T> : FlowTestRun
{
    internal FlowTestRun(ReadRun read, Outcome<T> outcome)
        : base(read, outcome.Error) => Outcome = outcome;

    /// <summary>How the call of the flow ended.</summary>
    public Outcome<T> Outcome { get; }

    /// <summary>What the flow returned.</summary>
    /// <exception cref="Exception">It did not return: what it threw.</exception>
    public T Result => Outcome.Value;

    /// <inheritdoc cref="FlowTestRun.ShouldComplete"/>
    public new FlowTestRun<T> ShouldComplete()
    {
        base.ShouldComplete();
        return this;
    }
}
