namespace Fletcher.Testing;

/// <summary>What a check with crashes did. The flow survived them all.</summary>
public sealed record CrashCheckResult
{
    /// <summary>How many commits the flow makes undisturbed. Before and after each is a point.</summary>
    public required int Commits { get; init; }

    /// <summary>How often the code of steps runs undisturbed. At its end is a point.</summary>
    public required int Steps { get; init; }

    /// <summary>In how many runs the process died.</summary>
    public required int Crashes { get; init; }

    /// <summary>Whether every point was tried; false when there were more than <see cref="CrashCheckOptions.MaxPoints"/>.</summary>
    public required bool IsComplete { get; init; }

    /// <summary><c>63 crashes: before and after 24 commits, and inside 15 steps</c>.</summary>
    public override string ToString() =>
        $"{Crashes} crashes: before and after {Commits} commits, and inside {Steps} steps{(IsComplete ? "" : "; not at every point")}";
}
