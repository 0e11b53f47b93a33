using System.Text;
using Fletcher.Model;
using Microsoft.Extensions.Logging;

namespace Fletcher.Conformance;

/// <summary>Makes records for tests: <c>A.FlowRun()</c>, with what does not matter filled in.</summary>
public static class A
{
    public static readonly UndoingRecord Undoing = new(FlowRunState.Cancelled, new DateTimeOffset(2026, 10, 1, 8, 0, 0, TimeSpan.Zero), "cancelled by ada");

    public static readonly DateTimeOffset Instant = new DateTimeOffset(2026, 10, 1, 8, 30, 15, TimeSpan.Zero).AddTicks(1_234_560);

    private static long _lastId;

    /// <summary>A new run id; later ones are greater.</summary>
    public static RunId RunId()
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, 0x0199_0000_0000_7000 + Interlocked.Increment(ref _lastId) * 0x1_0000);
        bytes[8] = 0x80;
        return new RunId(new Guid(bytes, bigEndian: true));
    }

    public static FlowRunRecord FlowRun(
        string flow = "Billing.InvoiceMonth", FlowRunState state = FlowRunState.Running, RunId? id = null, string parameters = "{}")
    {
        var run = id ?? RunId();
        var bytes = Encoding.UTF8.GetBytes(parameters);
        return new FlowRunRecord
        {
            Id = run,
            Flow = flow,
            State = state,
            Parameters = bytes,
            ParametersHash = ContentHash.Of(bytes),
            RootRunId = run,
            CreatedAt = Instant,
        };
    }

    /// <summary>The root of a family that waits without a host.</summary>
    public static FlowRunRecord Parked(DateTimeOffset? wakeAt = null, FlowRunState state = FlowRunState.Waiting, string flow = "F") =>
        FlowRun(flow, state) with { WakeAt = wakeAt };

    /// <summary>A sub-flow of this run, in its family.</summary>
    public static FlowRunRecord SubFlow(FlowRunRecord parent, FlowRunState state = FlowRunState.Running) =>
        FlowRun("Sub", state) with { ParentRunId = parent.Id, ParentSequence = 1, RootRunId = parent.RootRunId, HostId = parent.HostId };

    public static RunMessage Message(RunId run, MessageKind kind = MessageKind.Signal, string? key = null) => new()
    {
        RunId = run,
        Kind = kind,
        SentAt = Instant,
        Actor = "ada",
        Key = key,
    };

    public static QuestionRecord Question(RunId run, int sequence, DateTimeOffset? askedAt = null) => new()
    {
        RunId = run,
        Sequence = sequence,
        Text = "Send it?",
        Schema = "true",
        AskedAt = askedAt ?? Instant,
    };

    public static StepRunRecord StepRun(
        RunId run, int sequence, StepRunState state = StepRunState.Completed, string step = "Billing.Send") => new()
        {
            RunId = run,
            Sequence = sequence,
            Key = new StepKey(ContentHash.Of(Encoding.UTF8.GetBytes($"{step} {sequence}")), 0),
            Step = Step(step),
            State = state,
            Attempt = 1,
            StartedAt = Instant,
            EndedAt = state.IsEnd() ? Instant : null,
        };

    public static StepCode Step(string name = "Billing.Send", string? sourceHash = "abc") => new(name, sourceHash, "billing.cs", 42);

    public static StoredValue Value(byte[] content, ValueFormat format = ValueFormat.Json) =>
        new(format, content, Reference: null, ContentHash.Of(content), content.Length);

    public static StoredValue Value(string json) => Value(Encoding.UTF8.GetBytes(json));

    public static LogLine Log(RunId run, int sequence, string message) => new()
    {
        RunId = run,
        Sequence = sequence,
        Attempt = 1,
        At = Instant,
        Level = LogLevel.Information,
        Category = "stdout",
        Message = message,
    };

    public static LedgerEntry Ledger(RunId run, string reason) => new()
    {
        RunId = run,
        At = Instant,
        To = nameof(FlowRunState.Running),
        Actor = "engine",
        Reason = reason,
    };

    public static ArtifactRecord Artifact(RunId run, int sequence, string key, string content) => new()
    {
        RunId = run,
        Sequence = sequence,
        Key = key,
        Kind = ArtifactKind.Markdown,
        At = Instant,
        Content = content,
    };

    public static CacheEntry Cached(string step, string key, DateTimeOffset madeAt, string json) => new()
    {
        Step = step,
        Key = ContentHash.Of(Encoding.UTF8.GetBytes(key)),
        SourceHash = "abc",
        RunId = RunId(),
        Sequence = 3,
        MadeAt = madeAt,
        Result = Value(json),
    };

    public static HostRecord Host() => new()
    {
        Id = Guid.CreateVersion7(),
        Machine = "ada",
        Boot = "7d1c",
        ProcessId = 4711,
        ProcessStart = 123_456_789_012,
        StartedAt = Instant,
        HeartbeatAt = Instant,
    };
}
