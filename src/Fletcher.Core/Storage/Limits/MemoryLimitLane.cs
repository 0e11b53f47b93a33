namespace Fletcher.Storage;

/// <summary>A lane of <see cref="MemoryLimits"/>: its rules, and its places by number.</summary>
internal sealed class MemoryLimitLane(string limit, string key)
{
    public LimitLane Rules { get; } = new(limit, key);

    public SortedDictionary<long, Guid> Waiting { get; } = [];

    public SortedDictionary<long, Guid> Granted { get; } = [];

    /// <summary>The sum of what those hold that were granted.</summary>
    public long Taken { get; set; }
}
