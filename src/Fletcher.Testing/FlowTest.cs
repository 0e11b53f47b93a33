namespace Fletcher.Testing;

/// <summary>Tests of flows, in any test framework.</summary>
public static class FlowTest
{
    /// <summary>
    /// Makes a host for a test: runs in memory, a clock that skips waits, faults at will. Dispose of it at the test's end.
    /// </summary>
    /// <param name="configure">Sets it up; null for the defaults.</param>
    public static FlowTestHost Start(Action<FlowTestOptions>? configure = null)
    {
        var options = new FlowTestOptions();
        configure?.Invoke(options);
        return new FlowTestHost(options, new CrashTrigger());
    }

    /// <summary>
    /// Checks that a flow comes to the same end wherever its process dies. The flow runs once undisturbed. Then, for each point, it runs in
    /// a new world until the process dies there, and is continued by another process: before each commit arrives, right after it
    /// has arrived, and at the end of each step's code, before anything says that it ran.
    /// </summary>
    /// <param name="flow">Calls the flow, and nothing else.</param>
    /// <param name="options">What the flow's effects are, and how the world is set up for each run; null for the defaults.</param>
    /// <returns>How many points there were.</returns>
    /// <exception cref="FlowAssertException">
    /// The flow does not complete undisturbed; or there is a point after which its result or its effects are others, or an
    /// at-most-once step began twice. The message names the first such point, what differed, and the steps.
    /// </exception>
    public static Task<CrashCheckResult> SurvivesCrashAtEveryPoint<T>(Func<Task<T>> flow, CrashCheckOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return new CrashCheck(async test => await test.RunAsync(flow).ConfigureAwait(false), options ?? new CrashCheckOptions()).RunAsync();
    }

    /// <inheritdoc cref="SurvivesCrashAtEveryPoint{T}(Func{Task{T}}, CrashCheckOptions?)"/>
    public static Task<CrashCheckResult> SurvivesCrashAtEveryPoint(Func<Task> flow, CrashCheckOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return new CrashCheck(async test => await test.RunAsync(flow).ConfigureAwait(false), options ?? new CrashCheckOptions()).RunAsync();
    }
}
