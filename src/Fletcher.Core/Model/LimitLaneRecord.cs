namespace Fletcher.Model;

/// <summary>Where one key of a limit stands.</summary>
public sealed record LimitLaneRecord
{
    /// <summary>The limit's name.</summary>
    public required string Limit { get; init; }

    /// <summary>The key; empty for a limit without keys.</summary>
    public required string Key { get; init; }

    /// <summary>How many slots are taken.</summary>
    public int Taken { get; init; }

    /// <summary>How many tokens the bucket holds, rounded down; null without a rate.</summary>
    public int? Tokens { get; init; }

    /// <summary>While its breaker is open: until when at the least (UTC). Past while the probe runs, or nobody has come to be it. Null while it is closed.</summary>
    public DateTimeOffset? OpenUntil { get; init; }

    /// <summary>Why its breaker is open, as a sentence without a full stop; null while it is closed.</summary>
    public string? OpenReason { get; init; }

    /// <summary>How long until its first waiter can start if nobody releases anything; null when only a release, or a probe's end, lets it start.</summary>
    public TimeSpan? DueIn { get; init; }

    /// <summary>How many have started and not ended.</summary>
    public int HolderCount { get; init; }

    /// <summary>Who they are, longest first; the first 100 at the most.</summary>
    public IReadOnlyList<LimitPlace> Holders { get; init; } = [];

    /// <summary>How many wait.</summary>
    public int WaiterCount { get; init; }

    /// <summary>Who they are, in the order in which they will start; the first 100 at the most.</summary>
    public IReadOnlyList<LimitPlace> Waiters { get; init; } = [];
}
