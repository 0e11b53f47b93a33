namespace Fletcher.Testing;

/// <summary>
/// The simulated process died under the flow: that is how a call of the flow ends for the test. Call
/// <see cref="FlowTestHost.RestartAsync"/>, and the flow again.
/// </summary>
public sealed class ProcessDiedException : Exception
{
    internal ProcessDiedException(string where)
        : base($"The simulated process died: {where}.") => Where = where;

    /// <summary>Where it died, in words.</summary>
    public string Where { get; }
}
