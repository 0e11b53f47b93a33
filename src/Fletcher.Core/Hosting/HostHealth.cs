namespace Fletcher.Hosting;

/// <summary>When the host's loop and its pulse last moved, for who asks whether the host is well. In real time, as both are.</summary>
internal sealed class HostHealth
{
    private long _turnedAt = TimeProvider.System.GetTimestamp();
    private long _lookedAt = TimeProvider.System.GetTimestamp();
    private long _pulsedAt = TimeProvider.System.GetTimestamp();

    /// <summary>Since when the loop has not come round, with or without success.</summary>
    internal TimeSpan SinceTurn => Since(ref _turnedAt);

    /// <summary>Since when the store has not been looked at.</summary>
    internal TimeSpan SinceLook => Since(ref _lookedAt);

    /// <summary>Since when the pulse has stood still.</summary>
    internal TimeSpan SincePulse => Since(ref _pulsedAt);

    /// <summary>What the last look failed with; null when it did not.</summary>
    internal Exception? Trouble { get; private set; }

    /// <summary>What the last look that failed did so with, whatever has been since; null when none has.</summary>
    internal string? LastError { get; private set; }

    internal void Looked()
    {
        Trouble = null;
        Volatile.Write(ref _lookedAt, TimeProvider.System.GetTimestamp());
        Volatile.Write(ref _turnedAt, TimeProvider.System.GetTimestamp());
    }

    internal void LookFailed(Exception error)
    {
        Trouble = error;
        LastError = error.Message;
        Volatile.Write(ref _turnedAt, TimeProvider.System.GetTimestamp());
    }

    internal void Pulsed() => Volatile.Write(ref _pulsedAt, TimeProvider.System.GetTimestamp());

    private static TimeSpan Since(ref long at) => TimeProvider.System.GetElapsedTime(Volatile.Read(ref at));
}
