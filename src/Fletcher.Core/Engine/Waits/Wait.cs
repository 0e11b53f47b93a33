namespace Fletcher.Engine;

/// <summary>
/// The engine's waits. They are of any length, while one timer of .NET can wait for 49 days at the most; and a clock that can skip
/// waits (<see cref="IWaitClock"/>) knows of them.
/// </summary>
internal static class Wait
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>
    /// Waits until the time has come, and no longer than it is away now: that somebody sets the clock back makes no back-off, time limit or
    /// sleep longer.
    /// </summary>
    internal static async Task UntilAsync(DateTimeOffset due, TimeProvider time, CancellationToken cancellationToken)
    {
        using var wait = (time as IWaitClock)?.BeginWait(due);
        var length = due - time.GetUtcNow();
        var begun = time.GetTimestamp();
        for (var left = length; left > TimeSpan.Zero; left = Least(due - time.GetUtcNow(), length - time.GetElapsedTime(begun)))
            await Task.Delay(left < Longest ? WholeMilliseconds(left) : Longest, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The moment so long after another one: no earlier than that, and no later than the last one of all.</summary>
    internal static DateTimeOffset After(DateTimeOffset start, TimeSpan length) =>
        length <= TimeSpan.Zero ? start
        : length >= DateTimeOffset.MaxValue - start ? DateTimeOffset.MaxValue : start + length;

    /// <summary>Waits until the clock shows the time, however often somebody sets it back.</summary>
    internal static async Task UntilShownAsync(DateTimeOffset due, TimeProvider time, CancellationToken cancellationToken)
    {
        do
            await UntilAsync(due, time, cancellationToken).ConfigureAwait(false);
        while (time.GetUtcNow() < due);
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>Waits until the token is cancelled. Whoever waits goes on beside who cancels it, not inside that call.</summary>
    internal static async Task ForCancellationAsync(CancellationToken cancellationToken)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = cancellationToken.UnsafeRegister(static told => ((TaskCompletionSource)told!).TrySetResult(), told);
        await told.Task.ConfigureAwait(false);
    }

    // Task.Delay cuts a fraction off: a wait of less than a millisecond would not wait at all, and spin until the clock moves.
    private static TimeSpan WholeMilliseconds(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));

    /// <summary>Waits until it is cancelled.</summary>
    internal static async Task ForeverAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        using var wait = (time as IWaitClock)?.BeginWait(DateTimeOffset.MaxValue);
        await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for what another strand of this process does.</summary>
    internal static async Task ForAsync(Task other, TimeProvider time, CancellationToken cancellationToken)
    {
        using var wait = (time as IWaitClock)?.BeginWait(DateTimeOffset.MaxValue);
        await other.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
