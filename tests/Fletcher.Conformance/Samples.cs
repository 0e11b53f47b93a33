using System.Text;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>Records with a value in every property, and records that no store can keep.</summary>
internal static class Samples
{
    // Quotes, a line end, a NUL, letters of two to four bytes, text that is read from right to left.
    public const string Text = "it's \"quoted\"\r\n\tNUL:\0 Größe 数量 🏹 سهم";

    public static ErrorRecord Error { get; } = new()
    {
        Type = "System.AggregateException",
        Message = Text,
        StackTrace = "   at Billing.Send() in billing.cs:line 42",
        Class = FailureClass.Dependency,
        Code = "503",
        CauseRunId = A.RunId(),
        CauseSequence = 17,
        Inner =
        [
            new() { Type = "System.IO.IOException", Message = "", Class = FailureClass.Infrastructure, Code = "" },
            new()
            {
                Type = "Outer",
                Message = "m",
                Inner = [new() { Type = "Inner", Message = Text, StackTrace = "", CauseSequence = 1 }],
            },
        ],
    };

    public static FlowRunRecord FullFlowRun => A.FlowRun(state: FlowRunState.Failed) with
    {
        Name = Text,
        Reason = Text,
        Parameters = Encoding.UTF8.GetBytes("""{"month":"2026-10-01"}"""),
        OnceKey = Text,
        ParentRunId = A.RunId(),
        ForkedFrom = A.RunId(),
        ParentSequence = int.MaxValue,
        RootRunId = A.RunId(),
        Attempt = 3,
        Failures = 2,
        Crashes = 1,
        NextAttemptAt = A.Instant.AddMinutes(1),
        WakeAt = DateTimeOffset.MaxValue,
        LastMessage = long.MaxValue,
        Undoing = new UndoingRecord(FlowRunState.Cancelled, A.Instant.AddTicks(10), Text),
        StartedAt = A.Instant.AddTicks(10),
        EndedAt = DateTimeOffset.MaxValue.AddTicks(-9),
        ExpiresAt = A.Instant.AddDays(3),
        HostId = Guid.Parse("ffffffff-0102-0304-0506-0708090a0b0c"),
        CallerHostId = Guid.Parse("0708090a-0b0c-0102-0304-050607080910"),
        Fence = long.MaxValue - 1,
        Result = A.Value("""{"total":7009728}"""),
        Error = Error,
        CodeVersion = "1.0.0+abc",
        Tags = ["billing", "", Text],
        Priority = int.MinValue,
        Queue = Text,
        Labels = ["gpu", "", Text],
        FairnessKey = Text,
    };

    public static StepRunRecord FullStepRun => A.StepRun(A.RunId(), int.MaxValue - 1) with
    {
        Key = new StepKey(new ContentHash(UInt128.MaxValue), int.MaxValue),
        Site = new StepSite(ulong.MaxValue, 5),
        Step = new StepCode(Text, Text, Text, int.MaxValue),
        Name = Text,
        ParentSequence = 4,
        State = StepRunState.Retrying,
        Attempt = 2,
        StartedAt = DateTimeOffset.MinValue,
        EndedAt = DateTimeOffset.UnixEpoch.AddTicks(-10),
        NextAttemptAt = A.Instant.AddMinutes(1),
        Inputs = Encoding.UTF8.GetBytes("""{"usage":{"$step":1}}"""),
        Result = A.Value([], ValueFormat.Bytes),
        Error = Error,
        ChildRunId = A.RunId(),
        Reason = Text,
        AtMostOnce = true,
        Superseded = true,
        Undoes = int.MaxValue,
        UndoesRunId = A.RunId(),
        Arguments = Encoding.UTF8.GetBytes("""{"order":"7"}"""),
        Discarded = true,
    };

    public static RunMessage FullMessage => A.Message(A.RunId(), MessageKind.Answer, Text) with
    {
        Name = Text,
        Content = [0, 255, 7],
        SentAt = A.Instant.AddTicks(10),
        Actor = Text,
        Reason = Text,
    };

    public static QuestionRecord FullQuestion => A.Question(A.RunId(), int.MaxValue) with
    {
        Text = Text,
        To = Text,
        EscalateTo = Text,
        EscalateAt = A.Instant.AddDays(1),
        ExpiresAt = DateTimeOffset.MaxValue,
        Schema = Text,
        ClosedAt = A.Instant.AddDays(2),
        AnsweredBy = Text,
        Answer = [0, 255, 7],
    };

    public static HostRecord FullHost => A.Host() with
    {
        Machine = Text,
        Beat = long.MaxValue,
        EndedAt = A.Instant.AddMinutes(2),
        EndReason = Text,
        Flows = ["Billing.InvoiceMonth", "", Text],
        Queues = ["default", "", Text],
        Labels = ["gpu", "", Text],
        Capacity = int.MaxValue,
        ControlGroup = Text,
        OutOfMemoryKills = 3,
    };

    public static FlowRecord FullFlow => new()
    {
        Name = Text,
        ParameterSchema = Text,
        Summary = Text,
        Tags = ["billing", "", Text],
        SourceHash = Text,
        CodeVersion = Text,
        PublishedAt = A.Instant.AddTicks(10),
    };

    public static LedgerEntry FullLedgerEntry => A.Ledger(A.RunId(), Text) with
    {
        Sequence = 12,
        From = "Running",
        To = "Retrying",
        Actor = Text,
        Next = Text,
    };

    /// <summary>Each spoils a batch at its end, so that everything before it has been looked at.</summary>
    public static Dictionary<string, Action<WriteBatch>> Bad { get; } = new()
    {
        ["flow run without a flow"] = batch => batch.FlowRuns.Add(A.FlowRun() with { Flow = null! }),
        ["flow run without a queue"] = batch => batch.FlowRuns.Add(A.FlowRun() with { Queue = null! }),
        ["flow run without labels"] = batch => batch.FlowRuns.Add(A.FlowRun() with { Labels = null! }),
        ["flow run without a fairness key"] = batch => batch.FlowRuns.Add(A.FlowRun() with { FairnessKey = null! }),
        ["flow run without parameters"] = batch => batch.FlowRuns.Add(A.FlowRun() with { Parameters = null! }),
        ["no flow run"] = batch => batch.FlowRuns.Add(null!),
        ["step run without a step"] = batch => batch.StepRuns.Add(A.StepRun(A.RunId(), 1) with { Step = null! }),
        ["no step run"] = batch => batch.StepRuns.Add(null!),
        ["ledger entry without a reason"] = batch => batch.Ledger.Add(A.Ledger(A.RunId(), null!)),
        ["log line without a message"] = batch => batch.Logs.Add(A.Log(A.RunId(), 1, null!)),
        ["artifact without a key"] = batch => batch.Artifacts.Add(A.Artifact(A.RunId(), 1, null!, "c")),
        ["question without a text"] = batch => batch.Questions.Add(A.Question(A.RunId(), 1) with { Text = null! }),
        ["no question"] = batch => batch.Questions.Add(null!),
        ["cache entry without a step"] = batch => batch.Cache.Add(A.Cached(null!, "k", A.Instant, "1")),
    };
}
