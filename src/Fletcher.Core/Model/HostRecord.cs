namespace Fletcher.Model;

/// <summary>A process that runs flows.</summary>
public sealed record HostRecord
{
    /// <summary>Its identity, new at each start.</summary>
    public required Guid Id { get; init; }

    /// <summary>The machine's name.</summary>
    public required string Machine { get; init; }

    /// <summary>
    /// What tells one boot of one machine (and one process-id namespace in it) from another; process ids are only
    /// comparable when it is equal.
    /// </summary>
    public required string Boot { get; init; }

    /// <summary>The process id.</summary>
    public required int ProcessId { get; init; }

    /// <summary>When the process started, as the operating system counts it; tells a reused process id apart.</summary>
    public required long ProcessStart { get; init; }

    /// <summary>When the host registered (UTC).</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it last said that it lives (UTC), by its own clock: for people. Other hosts go by <see cref="Beat"/>.</summary>
    public required DateTimeOffset HeartbeatAt { get; init; }

    /// <summary>Grows with each heartbeat. Who sees it grow knows that the host lives, whatever the clocks say.</summary>
    public long Beat { get; init; }

    /// <summary>When it ended, or was found dead; null while it is thought to live.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How it ended, in one sentence: the death note. Null while it is thought to live.</summary>
    public string? EndReason { get; init; }

    /// <summary>The flows whose runs it takes by itself when nobody has them; empty when it takes none.</summary>
    public IReadOnlyList<string> Flows { get; init; } = [];

    /// <summary>The queues that it takes runs from; empty for all of them.</summary>
    public IReadOnlyList<string> Queues { get; init; } = [];

    /// <summary>What it has that runs may require, such as <c>gpu</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>How many runs it takes at the same time; 0 when it takes none.</summary>
    public int Capacity { get; init; }

    /// <summary>The control group of the process, as a path below the mount point of the file system of control groups; null where there is none.</summary>
    public string? ControlGroup { get; init; }

    /// <summary>How many processes of the control group the kernel had killed for lack of memory when the host started.</summary>
    public long OutOfMemoryKills { get; init; }
}
