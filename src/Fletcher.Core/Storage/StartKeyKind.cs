namespace Fletcher.Storage;

/// <summary>What a key of a start is for. The values are stored; their numbers never change.</summary>
public enum StartKeyKind
{
    /// <summary><see cref="RunStart.IdempotencyKey"/>.</summary>
    Idempotency = 1,
    /// <summary><see cref="RunStart.DeduplicationKey"/>.</summary>
    Deduplication = 2,
    /// <summary><see cref="RunStart.DebounceKey"/>.</summary>
    Debounce = 3,
}
