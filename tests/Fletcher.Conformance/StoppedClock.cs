namespace Fletcher.Conformance;

/// <summary>
/// A clock that always shows the same time, as virtual time may. A store that waited for a lock by it would wait for ever, so it is
/// not to ask for timers.
/// </summary>
internal sealed class StoppedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;

    public override long GetTimestamp() => 0;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        throw new NotSupportedException("A store waits by real time.");
}
