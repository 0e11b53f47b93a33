namespace Fletcher.Hosting;

/// <summary>Which runs are let go. What is not said is as the flows and hosts have it.</summary>
public sealed record PruneOptions
{
    /// <summary>Only runs of this flow. Default: all flows; then idempotency keys, cached results and hosts that are not kept any longer go too.</summary>
    public string? Flow { get; init; }

    /// <summary>Let go of completed and cancelled runs that ended longer ago than this, in the place of <see cref="Model.RetentionPolicy.KeepFor"/>; 1 minute or more.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>Let go of failed and crashed runs that ended longer ago than this, in the place of <see cref="Model.RetentionPolicy.KeepFailedFor"/>; 1 minute or more.</summary>
    public TimeSpan? FailedOlderThan { get; init; }

    /// <summary>
    /// Keep only so many of the newest completed and cancelled runs of each flow, in the place of <see cref="Model.RetentionPolicy.Keep"/>; 1 or more. If it is less than <see cref="Model.RetentionPolicy.KeepLatest"/>, it is in the
    /// place of that too.
    /// </summary>
    public int? Keep { get; init; }

    /// <summary>Only say which. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>Gives all free room of a SQLite store back to the system at the end, which keeps hosts waiting. Default false: room is given back as far as that keeps nobody waiting.</summary>
    public bool Compact { get; init; }
}
