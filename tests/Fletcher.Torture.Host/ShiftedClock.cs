namespace Fletcher.Torture;

/// <summary>A clock that goes wrong by so much. Timers and elapsed time do not care, as with a real one.</summary>
internal sealed class ShiftedClock(TimeSpan offset) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + offset;
}
