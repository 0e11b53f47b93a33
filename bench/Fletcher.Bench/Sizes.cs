namespace Fletcher.Bench;

/// <summary>How large the workloads are.</summary>
internal sealed record Sizes
{
    internal int Steps { get; init; } = 1_000;

    internal int Fan { get; init; } = 10_000;

    internal int GreatFan { get; init; } = 1_000_000;

    internal int Single { get; init; } = 100;

    internal int SmallBatch { get; init; } = 200;

    internal int Batch { get; init; } = 10_000;

    internal int Resumed { get; init; } = 100_000;

    internal int Starts { get; init; } = 500;

    internal int Processes { get; init; } = 20;

    internal int Commits { get; init; } = 200;

    internal int Parked { get; init; } = 100_000;

    internal int Signals { get; init; } = 1_000;

    internal int Due { get; init; } = 10_000;

    internal int Queued { get; init; } = 1_000_000;

    internal int FewQueued { get; init; } = 1_000;

    internal int ManyRuns { get; init; } = 1_000_000;

    internal int Releases { get; init; } = 200;

    internal int RatedSteps { get; init; } = 2_000;

    internal int Schedules { get; init; } = 100_000;

    internal int IdleSeconds { get; init; } = 30;

    internal static Sizes Full { get; } = new();

    internal static Sizes Tiny { get; } = new()
    {
        Steps = 20,
        Fan = 100,
        GreatFan = 500,
        Single = 5,
        SmallBatch = 10,
        Batch = 20,
        Resumed = 50,
        Starts = 5,
        Processes = 1,
        Commits = 5,
        Parked = 70,
        Signals = 5,
        Due = 20,
        Queued = 400,
        FewQueued = 300,
        ManyRuns = 200,
        Releases = 5,
        RatedSteps = 20,
        Schedules = 20,
        IdleSeconds = 1,
    };
}
