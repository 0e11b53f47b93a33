namespace Fletcher.Model;

/// <summary>Somebody who waits for a limit, or has started under it: one attempt of a step run, or a flow run.</summary>
public sealed record LimitPlace
{
    /// <summary>Its identity, chosen by who asks for it.</summary>
    public required Guid Id { get; init; }

    /// <summary>The limit's name; 1 to 200 characters.</summary>
    public required string Limit { get; init; }

    /// <summary>The key: each has slots, bucket, breaker and line of its own. Empty for none; at most 400 characters.</summary>
    public string Key { get; init; } = "";

    /// <summary>How much it weighs, from 1. One that weighs more than the whole limit counts as the whole limit.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>The outermost run of the family whose lease it belongs to.</summary>
    public required RunId RootRunId { get; init; }

    /// <summary>The fence of that lease.</summary>
    public required long Fence { get; init; }

    /// <summary>The flow run.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The step run in it; 0 for the flow run itself.</summary>
    public int Sequence { get; init; }

    /// <summary>The name of the flow.</summary>
    public required string Flow { get; init; }

    /// <summary>The name of the step; null for the flow run itself.</summary>
    public string? Step { get; init; }

    /// <summary>When it came into the line (UTC, the store's clock). Filled in by the store.</summary>
    public DateTimeOffset AskedAt { get; init; }

    /// <summary>When it was granted; null while it waits. Filled in by the store.</summary>
    public DateTimeOffset? GrantedAt { get; init; }

    /// <summary>How many slots it holds: its weight, or all that there were when that was less. 0 while it waits. Filled in by the store.</summary>
    public int Taken { get; init; }

    /// <summary>What it counts its failures for: the step, or the flow where there is none.</summary>
    public string Starter => Step ?? Flow;
}
