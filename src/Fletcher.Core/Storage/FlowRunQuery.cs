using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>Which flow runs to list. All conditions must hold.</summary>
public sealed record FlowRunQuery
{
    /// <summary>Only runs of this flow; null for all.</summary>
    public string? Flow { get; init; }

    /// <summary>Only runs in one of these states; empty for all.</summary>
    public IReadOnlyList<FlowRunState> States { get; init; } = [];

    /// <summary>Only runs that this run started; null for runs with and without a parent.</summary>
    public RunId? Parent { get; init; }

    /// <summary>Only runs that have all of these tags; empty for all. Without another condition every run is looked at.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Only runs older than this one: the last of the page before. Null for the first page.</summary>
    public RunId? Before { get; init; }

    /// <summary>Only this run, and newer ones; there need not be a run with the id. Null for all.</summary>
    public RunId? NotBefore { get; init; }

    /// <summary>How many at the most; 1 to 1,000, default 100.</summary>
    public int Limit { get; init; } = 100;
}
