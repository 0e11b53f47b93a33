using Fletcher.Scheduling;

namespace Fletcher.Model;

/// <summary>What a deployment starts, with what, when and where.</summary>
public sealed record DeploymentSettings
{
    /// <summary>The stable name of the flow.</summary>
    public required string Flow { get; init; }

    /// <summary>The parameters of each run: a JSON object. What is left out has the flow's default; a parameter marked <see cref="ScheduledTimeAttribute"/> has the time of the firing.</summary>
    public string Parameters { get; init; } = "{}";

    /// <summary>When it starts by itself; null for never.</summary>
    public DeploymentSchedule? Schedule { get; init; }

    /// <summary>What happens to missed firings.</summary>
    public CatchUpPolicy CatchUp { get; init; }

    /// <summary>For <see cref="CatchUpPolicy.All"/>: how long ago a firing may have been due and is still started.</summary>
    public TimeSpan CatchUpWindow { get; init; } = TimeSpan.FromDays(1);

    /// <summary>What happens to a firing while the run of an earlier one goes on.</summary>
    public OverlapPolicy Overlap { get; init; }

    /// <summary>Of the runs that wait, hosts take those with a higher one first.</summary>
    public int Priority { get; init; }

    /// <summary>The queue that its runs wait in.</summary>
    public string Queue { get; init; } = FlowRunRecord.DefaultQueue;

    /// <summary>The labels that a host must have to take its runs.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Words to find its runs by, besides those of the flow.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(DeploymentSettings? other) => other is not null
        && Flow == other.Flow && Parameters == other.Parameters && Schedule == other.Schedule && CatchUp == other.CatchUp && CatchUpWindow == other.CatchUpWindow
        && Overlap == other.Overlap && Priority == other.Priority && Queue == other.Queue
        && Labels.SequenceEqual(other.Labels, StringComparer.Ordinal) && Tags.SequenceEqual(other.Tags, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Flow, Parameters, Schedule, CatchUp, Overlap, Priority, Queue);
}
