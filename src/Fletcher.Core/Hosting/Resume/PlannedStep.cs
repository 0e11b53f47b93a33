using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>What an execution would do with one step run, and why.</summary>
public sealed record PlannedStep
{
    /// <summary>The flow run that it is in: the one that was asked about, or a sub-flow of it.</summary>
    public required RunId RunId { get; init; }

    /// <summary>Its sequence in that run; 0 for a step that has not been reached yet.</summary>
    public int Sequence { get; init; }

    /// <summary>The stable name of the step.</summary>
    public required string Step { get; init; }

    /// <summary>The step run's own name; null when it has none.</summary>
    public string? Name { get; init; }

    /// <summary>What would be done with it.</summary>
    public PlannedAction Action { get; init; }

    /// <summary>Why, in one sentence without a full stop.</summary>
    public required string Why { get; init; }

    /// <summary>Whether it must run at most once and has begun before, so that it may take effect a second time when it runs.</summary>
    public bool IsSecondEffect { get; init; }
}
