using Fletcher.Model;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>A flow run as the store has it when all is over.</summary>
internal sealed record StoredRun
{
    public required string Id { get; init; }

    /// <summary>The outermost run; its own id for a run without a parent.</summary>
    public required string Root { get; init; }

    /// <summary>The seed of an outermost run; 0 for others.</summary>
    public required ulong Seed { get; init; }

    public required FlowRunState State { get; init; }

    /// <summary>When it ended, in milliseconds since 1970 (UTC); null while it is open.</summary>
    public double? EndedAt { get; init; }

    public string? Error { get; init; }

    /// <summary>What an outermost run returned; null for others, and without a result.</summary>
    public Folded? Result { get; init; }

    public required IReadOnlyList<StoredStep> Steps { get; init; }
}
