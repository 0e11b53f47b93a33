namespace Fletcher.Testing;

/// <summary>
/// What a test asserted does not hold. The message says what was expected and what was, with the steps of the run as a table. Every test
/// framework takes it for a failed test.
/// </summary>
public sealed class FlowAssertException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="message">What was expected, and what was.</param>
    /// <param name="inner">What the flow failed with; null when it did not.</param>
    public FlowAssertException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
