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

    /// <summary>When it last said that it lives (UTC).</summary>
    public required DateTimeOffset HeartbeatAt { get; init; }

    /// <summary>When it ended in good order; null while it lives, and when it died.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}
