namespace Fletcher.Model;

/// <summary>Where a flow run stands. The values are stored; their numbers never change.</summary>
public enum FlowRunState
{
    /// <summary>It will start at a later time.</summary>
    Scheduled = 0,
    /// <summary>It waits for a host that takes it.</summary>
    Queued = 1,
    /// <summary>A host executes it.</summary>
    Running = 2,
    /// <summary>It waits for a time, a signal, an answer, a limit or a fix; <see cref="FlowRunRecord.Reason"/> says which.</summary>
    Waiting = 3,
    /// <summary>It was asked to stop and has not stopped yet.</summary>
    Cancelling = 4,
    /// <summary>End: it returned.</summary>
    Completed = 10,
    /// <summary>End: an exception left it, and no retries were left.</summary>
    Failed = 11,
    /// <summary>End: it was asked to stop, and stopped.</summary>
    Cancelled = 12,
    /// <summary>End until it is resumed: its process went away under it.</summary>
    Crashed = 13,
}

/// <summary>Where a step run stands. The values are stored; their numbers never change.</summary>
public enum StepRunState
{
    /// <summary>It waits for a time, a signal or an answer; or, if it undoes another step run, until that is needed.</summary>
    Waiting = 0,
    /// <summary>Its code runs.</summary>
    Running = 1,
    /// <summary>An attempt failed; the next one comes at <see cref="StepRunRecord.NextAttemptAt"/>.</summary>
    Retrying = 2,
    /// <summary>End: it returned, and its result is stored.</summary>
    Completed = 10,
    /// <summary>End: its stored result answered, in an execution after the first. Told to observers, never stored over <see cref="Completed"/>.</summary>
    Reused = 11,
    /// <summary>End: the result of an earlier flow run answered.</summary>
    Cached = 12,
    /// <summary>End: its target existed already, so there was nothing to do.</summary>
    Skipped = 13,
    /// <summary>End: an exception left it, and no retries were left.</summary>
    Failed = 14,
    /// <summary>End: it was asked to stop, and stopped.</summary>
    Cancelled = 15,
    /// <summary>End until its flow run is resumed: its process went away while it ran.</summary>
    Crashed = 16,
    /// <summary>End: an at-most-once step whose process went away inside it. Whether it took effect is not known, so it is never run again by itself.</summary>
    Unknown = 17,
    /// <summary>End: it never started, because of something else that failed.</summary>
    NotRun = 18,
}

/// <summary>Questions about states that several places ask.</summary>
public static class States
{
    /// <summary>Whether the flow run is over until somebody resumes it.</summary>
    public static bool IsEnd(this FlowRunState state) => state >= FlowRunState.Completed;

    /// <summary>Whether the step run is over.</summary>
    public static bool IsEnd(this StepRunState state) => state >= StepRunState.Completed;

    /// <summary>Whether the step run ended with a result that may be used.</summary>
    public static bool HasResult(this StepRunState state) =>
        state is StepRunState.Completed or StepRunState.Reused or StepRunState.Cached or StepRunState.Skipped;
}
