using Fletcher.Model;

namespace Fletcher.Terminal;

/// <summary>A flow run that this host executes.</summary>
internal sealed class RunNode(FlowRunRecord record, StepGroup group, RunNode? parent, DateTimeOffset seenAt)
{
    internal FlowRunRecord Record { get; set; } = record;

    /// <summary>Under which its steps are counted.</summary>
    internal StepGroup Group { get; set; } = group;

    internal RunNode Root => parent?.Root ?? this;

    /// <summary>False for one of so many that they are only counted.</summary>
    internal bool IsShown { get; init; } = true;

    internal bool IsRoot => parent is null;

    /// <summary>When its execution by this host began.</summary>
    internal DateTimeOffset SeenAt { get; set; } = seenAt;

    /// <summary>The last progress that its own body reported, as JSON.</summary>
    internal string? Progress { get; set; }

    /// <summary>The group that was found last, for step runs with <see cref="LastCode"/>.</summary>
    internal StepGroup? Last { get; set; }

    internal StepCode? LastCode { get; set; }

    internal Dictionary<int, OpenStep> Open { get; } = [];

    /// <summary>Step runs that ended, in the whole family.</summary>
    internal long Ended { get; set; }

    /// <summary>Step runs that were answered from memory, in the whole family.</summary>
    internal long Reused { get; set; }

    /// <summary>A fan-out whose size is known and whose step is not; it is that of the next new group.</summary>
    internal (int ParentSequence, long Total)? Announced { get; set; }

    /// <summary>Groups of the family that are written as summaries.</summary>
    internal List<StepGroup> Summaries { get; } = [];
}
