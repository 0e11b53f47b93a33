namespace Fletcher.Model;

/// <summary>
/// One change of state, with who did it and why. The ordinary way of a step run, started and completed at the first
/// attempt, needs no entry: its record says both.
/// </summary>
public sealed record LedgerEntry
{
    /// <summary>The flow run.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The step run's sequence; 0 when the entry is about the flow run itself.</summary>
    public int Sequence { get; init; }

    /// <summary>When it happened (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The state before; null for the first.</summary>
    public string? From { get; init; }

    /// <summary>The state after.</summary>
    public required string To { get; init; }

    /// <summary>Who or what did it: <c>engine</c>, <c>code</c>, a person's name.</summary>
    public required string Actor { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>What comes next, such as <c>retry 3 of 5 at 14:05:00</c>; null when nothing does.</summary>
    public string? Next { get; init; }
}
