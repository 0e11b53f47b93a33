namespace Fletcher.Conformance;

/// <summary>A clock that always shows the same time. Its timers and time stamps are the system's, so that waiting for a lock ends.</summary>
internal sealed class StoppedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
