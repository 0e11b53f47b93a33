namespace Fletcher.Model;

/// <summary>
/// How a step run is recognised within its flow run when the flow's body is executed again: what it is and what it
/// was given, and which of the equal ones it is.
/// </summary>
/// <param name="Hash">The hash of step name and inputs (or of step name and <c>Key</c>), and of the enclosing step run if there is one.</param>
/// <param name="Occurrence">0 for the first step run with this hash, 1 for the second, and so on.</param>
public readonly record struct StepKey(ContentHash Hash, int Occurrence);

/// <summary>
/// Where in the code a step was called, and for the how-manieth time. It serves one purpose: to notice that a call
/// that was made before is made again with other inputs (drift).
/// </summary>
/// <param name="Site">A hash of the calling member, the called method and the ordinal of the call in that member.</param>
/// <param name="Occurrence">0 for the first call from there, 1 for the second, and so on.</param>
public readonly record struct StepSite(ulong Site, int Occurrence);

/// <summary>A version of a step's code: what the generator knows of it.</summary>
/// <param name="Name">The stable name, such as <c>Billing.SendInvoice</c>.</param>
/// <param name="SourceHash">A hash of the method's source without comments and white space; null where no source was seen.</param>
/// <param name="File">The file it is declared in; null where no source was seen.</param>
/// <param name="Line">The line of its name, counted from 1; 0 where no source was seen.</param>
public sealed record StepCode(string Name, string? SourceHash, string? File, int Line);

/// <summary>One execution of a step within a flow run, as it is kept.</summary>
public sealed record StepRunRecord
{
    /// <summary>The flow run it belongs to.</summary>
    public required RunId RunId { get; init; }

    /// <summary>Its number within the flow run, counted from 1 in the order of first starts.</summary>
    public required int Sequence { get; init; }

    /// <summary>How it is recognised in a later execution.</summary>
    public required StepKey Key { get; init; }

    /// <summary>Where it was called.</summary>
    public StepSite Site { get; init; }

    /// <summary>Which step it is, and in which version.</summary>
    public required StepCode Step { get; init; }

    /// <summary>Its own name, rendered from the step's template; null when it has none.</summary>
    public string? Name { get; init; }

    /// <summary>The sequence of the step run inside which it was called; 0 when the flow's body called it.</summary>
    public int ParentSequence { get; init; }

    /// <summary>Where it stands.</summary>
    public StepRunState State { get; init; }

    /// <summary>How often its body was tried, counted from 1; 0 when it never was.</summary>
    public int Attempt { get; init; }

    /// <summary>When its first attempt began (UTC); null when none did.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null while it is open.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>
    /// When the next attempt is due, in state <see cref="StepRunState.Retrying"/>, or when a wait is over at the latest, in state
    /// <see cref="StepRunState.Waiting"/>; null otherwise.
    /// </summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>
    /// The inputs, a JSON object in UTF-8, for people and for comparison; a result of another step stands as
    /// <c>{"$step": sequence}</c>, a long value as <c>{"$length": bytes, "$hash": hash, "$start": text}</c>. Null when it has no inputs.
    /// </summary>
    public byte[]? Inputs { get; init; }

    /// <summary>What it returned; null while open, and for steps that return nothing.</summary>
    public StoredValue? Result { get; init; }

    /// <summary>Why it failed, or why its last attempt did; null otherwise.</summary>
    public ErrorRecord? Error { get; init; }

    /// <summary>The flow run that it stands for, when a flow was called inside a flow; null for an ordinary step.</summary>
    public RunId? ChildRunId { get; init; }

    /// <summary>Why it is in its state, in one sentence; null when the state says it all.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether its start was committed before it ran, and it must never run twice by itself.</summary>
    public bool AtMostOnce { get; init; }

    /// <summary>The sequence of the step run that this one undoes; 0 for an ordinary one.</summary>
    public int Undoes { get; init; }

    /// <summary>The run of the step run that this one undoes, when that is another one: a sub-flow that had completed. Null for the same run.</summary>
    public RunId? UndoesRunId { get; init; }

    /// <summary>
    /// What an undo is called with, a JSON object in UTF-8 with every argument in full; it is kept when the step that it undoes completes. Null for ordinary steps.
    /// </summary>
    public byte[]? Arguments { get; init; }

    /// <summary>Whether it does not count any more, because it was undone or somebody asked to run it again: it is kept to be looked at, and no execution uses it.</summary>
    public bool Discarded { get; init; }

    /// <summary>Whether a later execution of the flow did not reach it any more.</summary>
    public bool Superseded { get; init; }
}
