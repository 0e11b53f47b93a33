namespace Fletcher;

/// <summary>What becomes of a run whose body failed for the last time.</summary>
public enum OnFailure
{
    /// <summary>The run fails. The default.</summary>
    Fail = 0,
    /// <summary>The run stays open and waits for a fix: <c>FletcherClient.ResumeAsync</c> lets it go on, with the same or newer code.</summary>
    Wait = 1,
}
