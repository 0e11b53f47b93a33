using Fletcher.Model;

namespace Fletcher.Diagnosis;

/// <summary>
/// What a person must know about a run that did not complete: where it failed, what happened and why, what differs from the
/// last time it went well, what else did not happen because of it, and what to do now. Views only lay it out.
/// </summary>
public sealed record Explanation
{
    /// <summary>The run that was asked about.</summary>
    public required FlowRunRecord Run { get; init; }

    /// <summary>The run in which the cause is: <see cref="Run"/> itself, or one below it.</summary>
    public required FlowRunRecord CauseRun { get; init; }

    /// <summary>The step run that failed first; null when a flow's own body did.</summary>
    public StepRunRecord? CauseStep { get; init; }

    /// <summary>What it failed with; null for a run that did not fail (its process went away, it was cancelled, it runs).</summary>
    public ErrorRecord? Error { get; init; }

    /// <summary>The flows from the outermost one down to that of <see cref="CauseRun"/>.</summary>
    public IReadOnlyList<string> Path { get; init; } = [];

    /// <summary>The place in the user's own code; null when no stack trace says it.</summary>
    public CodeFrame? Frame { get; init; }

    /// <summary>The source around that place; null when it is not on this machine.</summary>
    public SourceExcerpt? Excerpt { get; init; }

    /// <summary>What the failed step was given; the parameters of the flow when its own body failed.</summary>
    public IReadOnlyList<ExplainedInput> Inputs { get; init; } = [];

    /// <summary>The last lines that it wrote, oldest first.</summary>
    public IReadOnlyList<LogLine> Log { get; init; } = [];

    /// <summary>What differs from the last time the same step went well; null when it never did, or a flow's body failed.</summary>
    public SuccessComparison? LastSuccess { get; init; }

    /// <summary>How many other runs of the same step went well within <see cref="CauseRun"/>.</summary>
    public long SucceededBeside { get; init; }

    /// <summary>Steps of the plan that did not run because of the failure.</summary>
    public IReadOnlyList<StepNotRun> NotRun { get; init; } = [];

    /// <summary>The flow runs above the cause that failed with it, the nearest first.</summary>
    public IReadOnlyList<FlowRunRecord> FailedWithIt { get; init; } = [];

    /// <summary>Other step runs that failed, by step and kind of error.</summary>
    public IReadOnlyList<OtherFailure> OtherFailures { get; init; } = [];

    /// <summary>At-most-once step runs of which nobody knows whether they took effect; the first few.</summary>
    public IReadOnlyList<StepRunRecord> Unknown { get; init; } = [];

    /// <summary>How many such step runs there are.</summary>
    public long UnknownCount { get; init; }

    /// <summary>How many step runs of <see cref="Run"/> have a result that a resumed run will reuse.</summary>
    public long Remembered { get; init; }

    /// <summary>What it likely means and what to do, in plain sentences.</summary>
    public IReadOnlyList<string> Advice { get; init; } = [];

    /// <summary>The command that resumes the run; null when whoever explains does not know how the program is started.</summary>
    public string? ResumeCommand { get; init; }
}

/// <summary>An input as a person wants to see it.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Value">Its value in one line, shortened.</param>
public sealed record ExplainedInput(string Name, string Value);

/// <summary>A step that the failure kept from running.</summary>
/// <param name="Step">The stable name of the step or flow.</param>
/// <param name="IsCertain">False when it stands in a branch or loop, so that it might not have run anyway.</param>
public sealed record StepNotRun(string Step, bool IsCertain);

/// <summary>Step runs that failed besides the cause.</summary>
/// <param name="Step">The stable name of the step.</param>
/// <param name="ErrorType">The type of the exception.</param>
/// <param name="Message">The message of the first one.</param>
/// <param name="Count">How many there are.</param>
/// <param name="IsConsequence">Whether they failed because of the cause; false when they have one of their own.</param>
public sealed record OtherFailure(string Step, string ErrorType, string Message, long Count, bool IsConsequence);
