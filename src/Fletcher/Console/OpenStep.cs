using Fletcher.Model;

namespace Fletcher.Terminal;

/// <summary>
/// A step run that has begun and not ended. Those of a group hang together in the order in which they began, so that the
/// oldest are found without a search; instances are used again, as a run may have millions one after the other.
/// </summary>
internal sealed class OpenStep
{
    internal StepGroup Group { get; set; } = null!;

    internal StepRunRecord Record { get; set; } = null!;

    /// <summary>The last progress that it reported, as JSON; null when it reports none.</summary>
    internal string? Progress { get; set; }

    /// <summary>When a line told of its progress last.</summary>
    internal DateTimeOffset ToldAt { get; set; }

    internal OpenStep? Previous { get; set; }

    internal OpenStep? Next { get; set; }
}
