using Fletcher.Model;
using Fletcher.Scheduling;

namespace Fletcher.Hosting;

/// <summary>How a flow is deployed.</summary>
public sealed record DeploymentOptions
{
    /// <summary>The name; 1 to 200 characters. Default: the flow's stable name.</summary>
    public string? Name { get; init; }

    /// <summary>When it starts by itself. Default: never.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>What happens to firings that were missed, such as while no host ran. Default <see cref="CatchUpPolicy.Latest"/>.</summary>
    public CatchUpPolicy CatchUp { get; init; }

    /// <summary>For <see cref="CatchUpPolicy.All"/>: how long ago a firing may have been due and is still started; zero or more. Default a day.</summary>
    public TimeSpan CatchUpWindow { get; init; } = TimeSpan.FromDays(1);

    /// <summary>What happens to a firing while the run of an earlier one goes on. Default <see cref="OverlapPolicy.Allow"/>.</summary>
    public OverlapPolicy Overlap { get; init; }

    /// <summary>Of the runs that wait, hosts take those with a higher one first. Default 0; may be negative.</summary>
    public int Priority { get; init; }

    /// <summary>The queue that its runs wait in. Default: <c>default</c>.</summary>
    public string Queue { get; init; } = FlowRunRecord.DefaultQueue;

    /// <summary>The labels that a host must have to take its runs. Default: none.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Words to find its runs by, besides those of the flow and <c>deployment:</c> with the name. Default: none.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    internal DeploymentSettings ToSettings(string flow, string parameters) => new()
    {
        Flow = flow,
        Parameters = parameters,
        Schedule = Schedule is null ? null : DeploymentSchedule.Of(Schedule),
        CatchUp = CatchUp,
        CatchUpWindow = CatchUpWindow,
        Overlap = Overlap,
        Priority = Priority,
        Queue = Queue,
        Labels = Labels,
        Tags = Tags,
    };
}
