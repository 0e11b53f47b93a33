namespace Fletcher.Model;

/// <summary>A limit: what the code declares and what somebody set at run time, apart from each other.</summary>
public sealed record LimitRecord
{
    /// <summary>The limit's name.</summary>
    public required string Name { get; init; }

    /// <summary>What the code of the host that started last declares; null when no code does.</summary>
    public LimitVersion? Declared { get; init; }

    /// <summary>What somebody set at run time; it wins. Null when nobody did.</summary>
    public LimitVersion? Set { get; init; }

    /// <summary>What holds.</summary>
    public LimitSettings Settings => (Set ?? Declared ?? throw new InvalidOperationException($"Limit '{Name}' is neither declared nor set.")).Settings;
}

/// <summary>The settings of a limit, with who gave them.</summary>
/// <param name="Settings">What it bounds.</param>
/// <param name="At">When that was said (UTC, the store's clock).</param>
/// <param name="Actor">Who said it; <c>code</c> for what is declared.</param>
/// <param name="Reason">Why, in one sentence; null when nobody said.</param>
public sealed record LimitVersion(LimitSettings Settings, DateTimeOffset At, string Actor, string? Reason);
