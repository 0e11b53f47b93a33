namespace Fletcher.Model;

/// <summary>One execution of a flow, as it is kept.</summary>
public sealed record FlowRunRecord
{
    /// <summary>The run's identity.</summary>
    public required RunId Id { get; init; }

    /// <summary>The stable name of the flow, such as <c>Billing.InvoiceMonth</c>.</summary>
    public required string Flow { get; init; }

    /// <summary>The run's own name, rendered from the flow's template; null when it has none.</summary>
    public string? Name { get; init; }

    /// <summary>Where it stands.</summary>
    public FlowRunState State { get; init; }

    /// <summary>Why it stands there, in one sentence; null when the state says it all.</summary>
    public string? Reason { get; init; }

    /// <summary>The parameters, a JSON object in UTF-8.</summary>
    public required byte[] Parameters { get; init; }

    /// <summary>The hash of <see cref="Parameters"/>, by which a rerun finds this run.</summary>
    public required ContentHash ParametersHash { get; init; }

    /// <summary>The rendered <c>Once</c> key; null when the flow has none.</summary>
    public string? OnceKey { get; init; }

    /// <summary>The run whose body started this one; null for a run of its own.</summary>
    public RunId? ParentRunId { get; init; }

    /// <summary>The step-run sequence in the parent that stands for this run; 0 when there is no parent.</summary>
    public int ParentSequence { get; init; }

    /// <summary>The outermost run of the family; its own id for a run without a parent.</summary>
    public required RunId RootRunId { get; init; }

    /// <summary>Which execution of the body this is, counted from 1 over retries and resumes.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>How often its body failed since it was started or since somebody asked for it again; what its retries are counted against.</summary>
    public int Failures { get; init; }

    /// <summary>When its body is executed again, while it waits for that; null otherwise.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>
    /// When a host is to take it, while it waits without one: the end of a wait, or the moment of a hand-over or of the resume after a
    /// crash. Null while a host has it, and when only a message wakes it; long past when it is to be taken at once.
    /// </summary>
    public DateTimeOffset? WakeAt { get; init; }

    /// <summary>The <see cref="WakeAt"/> of a run that any host may take at once, however much the clock of who writes it differs from those of the others.</summary>
    internal static DateTimeOffset AtOnce => DateTimeOffset.UnixEpoch;

    /// <summary>When its time is up, by the flow's Timeout, counted from its start or from when somebody asked for it again; null without one.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>How often a host went away under it, since it was started, last waited without a host, or was asked for.</summary>
    public int Crashes { get; init; }

    /// <summary>The number of the last <see cref="RunMessage"/> that its execution has seen; a later one wakes it while it waits.</summary>
    public long LastMessage { get; init; }

    /// <summary>
    /// Its undoing, once that has begun: what is left to undo is undone before its body is executed again, if it ever is. Null before, and when all is undone;
    /// a run that ended <see cref="FlowRunState.Failed"/> keeps it when something could not be undone.
    /// </summary>
    public UndoingRecord? Undoing { get; init; }

    /// <summary>Whether its undoing has begun and is not done.</summary>
    public bool IsUndoing => Undoing is not null;

    /// <summary>The run whose memory this one started with; null when it started with none.</summary>
    public RunId? ForkedFrom { get; init; }

    /// <summary>When it was created (UTC).</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its body first began; null before that.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null while it is open.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The host that has it; null while none has, and when it has ended.</summary>
    public Guid? HostId { get; init; }

    /// <summary>The host whose code called the flow and waits for its end; null when nobody's does. While that host lives, no other call continues the run.</summary>
    public Guid? CallerHostId { get; init; }

    /// <summary>Grows by one with each claim. A writer with an older number has lost the run.</summary>
    public long Fence { get; init; }

    /// <summary>What it must still be for somebody who has read it to take it or change it.</summary>
    public RunVersion Version => new(Fence, State, HostId, Undoing?.To, Failures, Tags.Count);

    /// <summary>What it returned; null while open, and for flows that return nothing.</summary>
    public StoredValue? Result { get; init; }

    /// <summary>Why it failed; null unless it did.</summary>
    public ErrorRecord? Error { get; init; }

    /// <summary>
    /// Whether it failed and is kept open until somebody says that it may go on (<c>OnFailure.Wait</c>). Only being asked to go on or to stop wakes it.
    /// </summary>
    public bool WaitsForFix => State == FlowRunState.Waiting && Error is not null && !IsUndoing;

    /// <summary>Whether it has ended and does not go on by itself.</summary>
    public bool IsOver => State.IsEnd() && WakeAt is null;

    /// <summary>Whether it waits for its time and has never begun, so that a later start may take its place.</summary>
    public bool CanBeReplacedByStart => State == FlowRunState.Scheduled && HostId is null && StartedAt is null;

    /// <summary>
    /// Whether somebody looks for what this record says: a root that waits for a host, or the end of one that no call waits for. Stores tell listeners of it.
    /// </summary>
    public bool IsLookedFor() => RootRunId == Id && HostId is null && (!State.IsEnd() || WakeAt is not null || CallerHostId is null);

    /// <summary>The version of the program that executed it last.</summary>
    public string? CodeVersion { get; init; }

    /// <summary>The flow's tags and those added while it ran.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Of the runs that wait for a host, those with a higher one are taken first. Default 0; may be negative.</summary>
    public int Priority { get; init; }

    /// <summary>The queue that it waits in; only hosts that take from it take the run. Default <see cref="DefaultQueue"/>.</summary>
    public string Queue { get; init; } = DefaultQueue;

    /// <summary>The labels that a host must have to take it; default none.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>
    /// Whose run it is, such as a tenant: of runs with the same priority, those with different keys are taken in turn. Those without one
    /// (empty, the default) share a turn.
    /// </summary>
    public string FairnessKey { get; init; } = "";

    /// <summary>The queue of runs for which none was named: <c>default</c>.</summary>
    public const string DefaultQueue = "default";
}

/// <summary>The undoing of a flow run: what its steps did is taken back, the newest first.</summary>
/// <param name="To">
/// What becomes of the run when all is undone: <see cref="FlowRunState.Failed"/> or <see cref="FlowRunState.Cancelled"/>;
/// <see cref="FlowRunState.Running"/> when somebody asked for the run again meanwhile, so that its body is executed then.
/// </param>
/// <param name="Since">When it began (UTC).</param>
/// <param name="Reason">The reason that the run ends with; null when its error says it all.</param>
public sealed record UndoingRecord(FlowRunState To, DateTimeOffset Since, string? Reason);

/// <summary>
/// Tells one standing of a flow run from another. The fence alone does not: its owner ends or leaves it under the fence that it has, begins to undo, counts failures, adds tags. Whoever
/// puts a record in the run's place that he made of an older one would take that back.
/// </summary>
/// <param name="Fence"><see cref="FlowRunRecord.Fence"/>.</param>
/// <param name="State"><see cref="FlowRunRecord.State"/>.</param>
/// <param name="HostId"><see cref="FlowRunRecord.HostId"/>.</param>
/// <param name="UndoingTo">What it undoes to; null while it undoes nothing.</param>
/// <param name="Failures"><see cref="FlowRunRecord.Failures"/>.</param>
/// <param name="TagCount">How many tags it has: they are only ever added to.</param>
public readonly record struct RunVersion(long Fence, FlowRunState State, Guid? HostId, FlowRunState? UndoingTo = null, int Failures = 0, int TagCount = 0);
