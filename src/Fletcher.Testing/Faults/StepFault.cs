namespace Fletcher.Testing;

/// <summary>What goes wrong at a step.</summary>
internal enum StepFaultKind
{
    /// <summary>The attempt throws instead of running.</summary>
    Fails,
    /// <summary>The attempt ends as if its time was up.</summary>
    TimesOut,
    /// <summary>The run is asked to stop while the step runs.</summary>
    IsCancelled,
    /// <summary>The process dies before the attempt begins.</summary>
    CrashesBefore,
    /// <summary>The process dies when the step's code has run, and nothing says so.</summary>
    CrashesInside,
    /// <summary>The process dies when the step's end is committed.</summary>
    CrashesAfterCommit,
}

/// <summary>A fault of a step, and for which of its attempts.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Match">For which attempts.</param>
/// <param name="Handle">The test's handle on it.</param>
/// <param name="Times">How often it strikes at the most; null for no limit.</param>
/// <param name="Error">Makes the exception of one that fails.</param>
internal sealed record StepFault(StepFaultKind Kind, StepMatch Match, FlowFault Handle, int? Times, Func<Exception>? Error)
{
    /// <summary>Whether it has struck as often as it should.</summary>
    internal bool IsSpent => Handle.Count >= Times;
}
