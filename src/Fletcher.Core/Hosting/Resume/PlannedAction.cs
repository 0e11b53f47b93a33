namespace Fletcher.Hosting;

/// <summary>What an execution would do with a step run.</summary>
public enum PlannedAction
{
    /// <summary>Its stored result answers; its code does not run.</summary>
    Reused,
    /// <summary>Its code runs, again or for the first time.</summary>
    RunsAgain,
    /// <summary>It has not been reached yet; whether it runs is up to the flow's code.</summary>
    MayRun,
    /// <summary>
    /// Whether it took effect is not known. It does not run again: the flow's code gets a <see cref="StepUnknownException"/>, until somebody says what
    /// happened (<see cref="FletcherClient.ResolveAsync"/>).
    /// </summary>
    InDoubt,
}
