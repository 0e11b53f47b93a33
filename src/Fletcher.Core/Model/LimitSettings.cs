namespace Fletcher.Model;

/// <summary>What a limit bounds. At least one of the three is there; where several are, all must agree before somebody starts.</summary>
public sealed record LimitSettings
{
    /// <summary>How much may be under way at the same time: the sum of the weights. 0 lets nobody start. Null for no such bound.</summary>
    public int? Slots { get; init; }

    /// <summary>How many may start per time; null for no such bound.</summary>
    public LimitRate? Rate { get; init; }

    /// <summary>When to hold starters because what they do keeps failing; null for never.</summary>
    public LimitBreaker? Breaker { get; init; }

    /// <summary>What is wrong with it, as the end of a sentence; null when nothing is.</summary>
    public string? FindMistake() =>
        Slots is null && Rate is null && Breaker is null ? "it bounds nothing: give it slots, a rate or a breaker"
        : Slots is < 0 or > MostSlots ? $"its slots are {Slots}; allowed are 0 to {MostSlots:N0}"
        : Rate?.FindMistake() ?? Breaker?.FindMistake();

    internal const int MostSlots = 1_000_000;
}

/// <summary>
/// So many starts per time, as a token bucket: it holds <see cref="Burst"/> tokens at the most, is full at first, and gets
/// <see cref="Count"/> tokens evenly over each <see cref="Period"/>. A start takes as many as it weighs.
/// </summary>
/// <param name="Count">How many; 1 to 1,000,000.</param>
/// <param name="Period">In what time; 1 millisecond to 31 days, in whole microseconds.</param>
/// <param name="Burst">How many may start at once after a pause; 1 to 1,000,000.</param>
public sealed record LimitRate(int Count, TimeSpan Period, int Burst)
{
    /// <summary>
    /// The burst of a rate for which none is given: what comes in one second, at least 1. Less would lose starts to the few milliseconds by which each is late.
    /// </summary>
    public static int DefaultBurst(int count, TimeSpan period) => period <= TimeSpan.Zero
        ? 1
        : (int)Int128.Clamp((((Int128)count * TimeSpan.TicksPerSecond) + period.Ticks - 1) / period.Ticks, 1, 1_000_000);

    internal string? FindMistake() =>
        Count is < 1 or > 1_000_000 ? $"its rate has a count of {Count}; allowed are 1 to 1,000,000"
        : Period < TimeSpan.FromMilliseconds(1) || Period > TimeSpan.FromDays(31) ? $"its rate has a period of {Period}; allowed are 1 millisecond to 31 days"
        : Period.Ticks % TimeSpan.TicksPerMicrosecond != 0 ? $"its rate has a period of {Period}; it must be whole microseconds"
        : Burst is < 1 or > 1_000_000 ? $"its rate has a burst of {Burst}; allowed are 1 to 1,000,000"
        : null;

    /// <inheritdoc/>
    public override string ToString() => $"{Count} per {Period}, burst {Burst}";
}

/// <summary>
/// A circuit breaker: it opens after so many failures of the same step with the same kind of error within a window, and holds whoever wants to start. After a
/// while it lets one start, the probe. When that succeeds it closes; when it fails it stays open for as long again.
/// </summary>
/// <param name="Failures">How many failures open it; 1 to 100.</param>
/// <param name="Window">Within what time; 1 millisecond to 31 days.</param>
/// <param name="OpenFor">How long it is open before the probe; 1 millisecond to 31 days.</param>
public sealed record LimitBreaker(int Failures, TimeSpan Window, TimeSpan OpenFor)
{
    internal string? FindMistake() =>
        Failures is < 1 or > 100 ? $"its breaker opens after {Failures} failures; allowed are 1 to 100"
        : IsOutOfRange(Window) ? $"its breaker has a window of {Window}; allowed are 1 millisecond to 31 days"
        : IsOutOfRange(OpenFor) ? $"its breaker is open for {OpenFor}; allowed are 1 millisecond to 31 days"
        : null;

    private static bool IsOutOfRange(TimeSpan time) => time < TimeSpan.FromMilliseconds(1) || time > TimeSpan.FromDays(31);
}
