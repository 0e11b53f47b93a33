namespace Fletcher.Model;

/// <summary>What a message asks of a run. The values are stored; their numbers never change.</summary>
public enum MessageKind
{
    /// <summary>A value for a wait of the run's code.</summary>
    Signal = 0,
    /// <summary>The answer to a question that the run asked.</summary>
    Answer = 1,
    /// <summary>The run is to stop.</summary>
    Cancel = 2,
    /// <summary>The run is to start nothing more until it is resumed.</summary>
    Pause = 3,
    /// <summary>The run is to go on: after a pause, or with what it waits for being fixed.</summary>
    Resume = 4,
    /// <summary>A person asked for the run again after it had ended: at-most-once steps that failed may be tried again.</summary>
    Retry = 5,
}

/// <summary>What the kinds mean to who keeps messages.</summary>
public static class MessageKindExtensions
{
    /// <summary>Whether a message of this kind wakes a run that waits for a fix (<see cref="FlowRunRecord.WaitsForFix"/>).</summary>
    public static bool EndsWaitForFix(this MessageKind kind) => kind is MessageKind.Cancel or MessageKind.Resume or MessageKind.Retry;
}

/// <summary>Something that was sent to a flow run, and is kept until the run takes it.</summary>
public sealed record RunMessage
{
    /// <summary>Its number in the store, in the order in which messages were sent; 0 before the store has given one.</summary>
    public long Number { get; init; }

    /// <summary>The run that it was sent to.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The outermost run of that run's family, which has the host. Filled in by the store.</summary>
    public RunId RootRunId { get; init; }

    /// <summary>What it asks.</summary>
    public required MessageKind Kind { get; init; }

    /// <summary>The name of the signal; for an answer the sequence of the question's step run; null otherwise.</summary>
    public string? Name { get; init; }

    /// <summary>The value, JSON in UTF-8; null for messages without one.</summary>
    public byte[]? Content { get; init; }

    /// <summary>When it was sent (UTC).</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>Who sent it.</summary>
    public required string Actor { get; init; }

    /// <summary>Why, in one sentence; null when nobody said.</summary>
    public string? Reason { get; init; }

    /// <summary>The sender's own key: of the messages to one run with equal keys only the first is kept. Null for none.</summary>
    public string? Key { get; init; }

    /// <summary>The sequence of the step run that took it; 0 while none has, -1 when the run took it as a whole.</summary>
    public int TakenBy { get; init; }
}
