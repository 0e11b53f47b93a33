namespace Fletcher.Model;

/// <summary>A flow that can be started from outside under a name: what is declared, what an operator set over it, and how far its firings are.</summary>
public sealed record DeploymentRecord
{
    /// <summary>The longest name.</summary>
    public const int LongestName = 200;

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>What the code of the host that started last declares, or who deployed it last with a client. The next one who declares it replaces this, and nothing else.</summary>
    public required DeploymentVersion Declared { get; init; }

    /// <summary>What an operator set over it; null when nobody did.</summary>
    public DeploymentOverride? Set { get; init; }

    /// <summary>Who paused it; null when it is not paused.</summary>
    public DeploymentPause? Paused { get; init; }

    /// <summary>How often it was written: by this who writes finds out that somebody else was faster.</summary>
    public long Version { get; init; }

    /// <summary>The time of the last firing that was decided: started, queued or left out; until the first one, since when firings count.</summary>
    public required DateTimeOffset HandledAt { get; init; }

    /// <summary>When a host looks at it next; null for never by itself.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>The runs of its firings that may still go on, oldest first; at most the last 100.</summary>
    public IReadOnlyList<RunId> Open { get; init; } = [];

    /// <summary>The times of firings that wait for the run before them to end, oldest first.</summary>
    public IReadOnlyList<DateTimeOffset> Waiting { get; init; } = [];

    /// <summary>The backfill that goes on; null when none does.</summary>
    public DeploymentBackfill? Backfill { get; init; }

    /// <summary>The last firing that was started; null when none was.</summary>
    public DeploymentFiring? Last { get; init; }

    /// <summary>What became of the last firings that were not started, and why; null when there is nothing to say.</summary>
    public DeploymentNote? Note { get; init; }

    /// <summary>What holds: what is set over what is declared.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DeploymentSettings Effective => Set?.Changes.Over(Declared.Settings) ?? Declared.Settings;
}

/// <summary>What is declared, with who said it.</summary>
/// <param name="Settings">The settings.</param>
/// <param name="At">When that was said, by the clock of who said it.</param>
/// <param name="Actor">Who said it; <c>code</c> for a host's program.</param>
/// <param name="CodeVersion">The version of that program; null when it has none, or a person said it.</param>
/// <param name="IsByAttribute">Whether the flow's own attribute says it (<see cref="FlowAttribute.Schedule"/>): then it is gone when the attribute says so no more.</param>
public sealed record DeploymentVersion(DeploymentSettings Settings, DateTimeOffset At, string Actor, string? CodeVersion, bool IsByAttribute = false);

/// <summary>What an operator set.</summary>
/// <param name="Changes">The changes.</param>
/// <param name="At">When the last of them was made.</param>
/// <param name="Actor">Who made it.</param>
/// <param name="Reason">Why, in one sentence; null when nobody said.</param>
public sealed record DeploymentOverride(DeploymentChanges Changes, DateTimeOffset At, string Actor, string? Reason);

/// <summary>A pause.</summary>
/// <param name="At">Since when.</param>
/// <param name="Actor">Who paused it.</param>
/// <param name="Reason">Why, in one sentence; null when nobody said.</param>
public sealed record DeploymentPause(DateTimeOffset At, string Actor, string? Reason);

/// <summary>A firing that was started.</summary>
/// <param name="Time">The time of the firing, as local time in its zone.</param>
/// <param name="Run">Its run.</param>
/// <param name="At">When it was started, by the clock of the host that did.</param>
public sealed record DeploymentFiring(DateTimeOffset Time, RunId Run, DateTimeOffset At);

/// <summary>Why a firing was not started.</summary>
/// <param name="Time">The time of the firing; of several, the last one.</param>
/// <param name="Reason">Why, in one sentence.</param>
/// <param name="At">When that was decided.</param>
/// <param name="IsError">Whether somebody has to do something about it.</param>
public sealed record DeploymentNote(DateTimeOffset Time, string Reason, DateTimeOffset At, bool IsError);

/// <summary>A backfill that goes on.</summary>
/// <param name="Pending">The times that are still to be started, in that order.</param>
/// <param name="AtMost">How many of its runs may go on at the same time.</param>
/// <param name="Open">Those that go on.</param>
/// <param name="Actor">Who asked for it.</param>
public sealed record DeploymentBackfill(IReadOnlyList<DateTimeOffset> Pending, int AtMost, IReadOnlyList<RunId> Open, string Actor);
