using Fletcher.Model;
using Microsoft.Extensions.Logging;

namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>What is in the fixtures.</summary>
public sealed partial class MigrationTests
{
    private static readonly RunId Parked = RunId.Parse("01jqzv3m2g7k5a8w9xr4tbn6cf", null);

    private static FlowRunRecord ParkedRun { get; } = new()
    {
        Id = Parked,
        Flow = "Billing.Approve",
        State = FlowRunState.Waiting,
        Reason = "waits for an answer",
        Parameters = "{}"u8.ToArray(),
        ParametersHash = ContentHash.Of("{}"u8),
        RootRunId = Parked,
        CreatedAt = At,
        StartedAt = At,
        Fence = 3,
        WakeAt = At.AddDays(300),
        Crashes = 2,
        LastMessage = 9,
        Undoing = new UndoingRecord(FlowRunState.Cancelled, At, "cancelled by ada"),
        ForkedFrom = Run,
    };

    private static StepRunRecord ParkedStep { get; } = new()
    {
        RunId = Parked,
        Sequence = 1,
        Key = new StepKey(ContentHash.Of("1"u8), 0),
        Step = new StepCode("Billing.Send", null, null, 0),
        State = StepRunState.Waiting,
        Undoes = 7,
        UndoesRunId = Run,
        Arguments = """{"order":7}"""u8.ToArray(),
        Discarded = true,
    };

    private static RunMessage Signal { get; } = new()
    {
        RunId = Parked,
        RootRunId = Parked,
        Kind = MessageKind.Signal,
        Name = "approved",
        Content = "true"u8.ToArray(),
        SentAt = At,
        Actor = "ada",
        Reason = "it's right",
        Key = "k",
    };

    private static QuestionRecord Question { get; } = new()
    {
        RunId = Parked,
        Sequence = 1,
        Text = "Send it?",
        To = "ada",
        EscalateTo = "bob",
        EscalateAt = At.AddDays(1),
        ExpiresAt = DateTimeOffset.MaxValue,
        Schema = """{"type":"boolean"}""",
        AskedAt = At,
    };

    private static PausedFlow Paused { get; } = new("Billing.Approve", At, "ada", "holidays");

    private static async Task AssertSampleOfVersion3Async(SqliteStore store)
    {
        var run = (await store.GetFlowRunAsync(Parked, Cancellation))!;
        Assert.Equal(
            (ParkedRun.WakeAt, ParkedRun.Crashes, ParkedRun.LastMessage, ParkedRun.Undoing, ParkedRun.ForkedFrom),
            (run.WakeAt, run.Crashes, run.LastMessage, run.Undoing, run.ForkedFrom));
        var step = Assert.Single(await StepRunsAsync(store, Parked));
        Assert.True(step is { Undoes: 7, Discarded: true });
        Assert.Equal(ParkedStep.UndoesRunId, step.UndoesRunId);
        Assert.Equal(ParkedStep.Arguments, step.Arguments);

        var messages = await store.GetMessagesAsync(0, 9, Cancellation);
        Assert.Equal([(1, 4), (2, 0)], messages.Select(message => (message.Number, message.TakenBy)));
        var untaken = Assert.Single(await store.GetUntakenAsync(Parked, Cancellation));
        Assert.Equal(Signal with { Number = 2, Content = untaken.Content }, untaken);
        Assert.Equal(Signal.Content, untaken.Content);
        // One more was sent and deleted: its number is not given again.
        Assert.Equal(3, await store.GetLastMessageAsync(Cancellation));
        Assert.Equal(4, (await store.SendAsync(Signal with { Key = "other" }, Cancellation))!.Number);

        Assert.Equal(Question, Assert.Single(await store.GetQuestionsAsync(Parked, true, 9, Cancellation)));
        Assert.Equal([Paused], await store.GetPausedAsync(Cancellation));
        var host = (await store.GetHostAsync(EndedHost.Id, Cancellation))!;
        Assert.Equal(EndedHost.Flows, host.Flows);
        Assert.Equal(EndedHost with { Flows = host.Flows }, host);
    }

    private static HostRecord EndedHost { get; } = new()
    {
        Id = Guid.Parse("0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2c"),
        Machine = "ada",
        Boot = "7d1c",
        ProcessId = 4712,
        ProcessStart = 100,
        StartedAt = At,
        HeartbeatAt = At.AddMinutes(1),
        Beat = 60,
        EndedAt = At.AddMinutes(2),
        EndReason = "killed for lack of memory",
        Flows = ["Billing.Approve", "Billing.InvoiceMonth"],
        ControlGroup = "/system.slice/billing.service",
        OutOfMemoryKills = 1,
    };

    private async Task WriteSampleOfVersion3Async(SqliteStore store)
    {
        await WriteAsync(store, ParkedRun, ParkedStep);
        foreach (var key in (string[])["first", "k", "last"])
            await store.SendAsync(Signal with { Key = key }, Cancellation);
        Query(Database, "DELETE FROM messages WHERE number = 3");
        var batch = new WriteBatch();
        batch.FlowRuns.Add(ParkedRun); // with the time to wake that the messages have changed
        batch.Questions.Add(Question);
        batch.Taken.Add(new TakenMessage(Parked, 1, 4));
        await store.WriteAsync(batch, Cancellation);
        await store.SetPausedAsync(Paused.Flow, Paused, Cancellation);
        await store.PutHostAsync(EndedHost, Cancellation);
    }

    private static async Task AssertSampleOfVersion4Async(SqliteStore store)
    {
        var run = (await store.GetFlowRunAsync(StartedRun.Id, Cancellation))!;
        Assert.Equal((7, "slow", "tenant 7"), (run.Priority, run.Queue, run.FairnessKey));
        Assert.Equal(StartedRun.Labels, run.Labels);
        var again = await store.StartAsync([new RunStart { Run = StartedRun, IdempotencyKey = "mail 7" }], Cancellation);
        Assert.Equal(new StartedRun(StartedRun.Id, StartOutcome.Found), Assert.Single(again));
        var flow = Assert.Single(await store.GetFlowsAsync(Cancellation));
        Assert.Equal(("Billing.InvoiceMonth", "{}", At), (flow.Name, flow.ParameterSchema, flow.PublishedAt));

        var request = new ClaimRequest { HostId = HostId, Flows = [StartedRun.Flow], Labels = ["gpu", "dmz"], Now = At.AddDays(2), Limit = 9 };
        Assert.Equal(StartedRun.Id, Assert.Single(await store.ClaimDueAsync(request, Cancellation)).Run.Id);
    }

    private static FlowRunRecord StartedRun { get; } = ParkedRun with
    {
        Id = RunId.Parse("01jqzv3m2h7k5a8w9xr4tbn6cg", null),
        Flow = "Billing.InvoiceMonth",
        RootRunId = RunId.Parse("01jqzv3m2h7k5a8w9xr4tbn6cg", null),
        State = FlowRunState.Scheduled,
        StartedAt = null,
        WakeAt = At.AddDays(1),
        Priority = 7,
        Queue = "slow",
        Labels = ["dmz", "gpu"],
        FairnessKey = "tenant 7",
        ForkedFrom = null,
        Undoing = null,
    };

    private static async Task WriteSampleOfVersion4Async(SqliteStore store)
    {
        await store.StartAsync([new RunStart { Run = StartedRun, IdempotencyKey = "mail 7" }], Cancellation);
        await store.PutFlowsAsync([new FlowRecord { Name = StartedRun.Flow, ParameterSchema = "{}", PublishedAt = At }], Cancellation);
    }

    private static async Task WriteSampleAsync(SqliteStore store)
    {
        var parameters = """{"month":"2026-10-01"}"""u8.ToArray();
        var run = new FlowRunRecord
        {
            Id = Run,
            Flow = "Billing.InvoiceMonth",
            Name = "October",
            State = FlowRunState.Failed,
            Reason = "a step failed",
            Parameters = parameters,
            ParametersHash = ContentHash.Of(parameters),
            OnceKey = "2026-10",
            RootRunId = Run,
            CreatedAt = At,
            StartedAt = At.AddSeconds(1),
            EndedAt = At.AddSeconds(2),
            HostId = HostId,
            Fence = 7,
            Error = new ErrorRecord
            {
                Type = "System.Net.Http.HttpRequestException",
                Message = "it's unavailable",
                StackTrace = "   at Billing.Send()\n   at Main()",
                Class = FailureClass.Dependency,
                Code = "503",
                CauseRunId = Run,
                CauseSequence = 2,
                Inner = [new ErrorRecord { Type = "System.IO.IOException", Message = "reset" }],
            },
            CodeVersion = "1.0.0",
            Tags = ["billing", "große"],
        };
        var large = new byte[200_000];
        var small = "[1,2]"u8.ToArray();
        var completed = new StepRunRecord
        {
            RunId = Run,
            Sequence = 1,
            Key = new StepKey(ContentHash.Of("1"u8), 0),
            Step = new StepCode("Billing.Aggregate", "abc", "billing.cs", 42),
            State = StepRunState.Completed,
            Attempt = 1,
            StartedAt = At,
            EndedAt = At,
            Inputs = parameters,
            Result = new StoredValue(ValueFormat.Json, small, null, ContentHash.Of(small), small.Length),
        };
        var batch = new WriteBatch();
        batch.FlowRuns.Add(run);
        batch.FlowRuns.Add(run with
        {
            Id = Child,
            State = FlowRunState.Completed,
            OnceKey = null,
            Error = null,
            ParentRunId = Run,
            ParentSequence = 1,
            Result = new StoredValue(ValueFormat.Bytes, large, null, ContentHash.Of(large), large.Length),
        });
        batch.StepRuns.Add(completed);
        batch.StepRuns.Add(completed with
        {
            Sequence = 2,
            Step = new StepCode("Billing.Send", null, null, 0),
            State = StepRunState.Failed,
            Site = new StepSite(ulong.MaxValue, 3),
            Result = null,
            Error = run.Error,
            AtMostOnce = true,
            Superseded = true,
        });
        batch.Ledger.Add(new LedgerEntry { RunId = Run, Sequence = 2, At = At, To = "Failed", Actor = "engine", Reason = "why" });
        batch.Logs.Add(new LogLine
        {
            RunId = Run,
            Sequence = 2,
            At = At,
            Level = LogLevel.Warning,
            Category = "stderr",
            Message = "a line",
        });
        batch.Artifacts.Add(new ArtifactRecord
        {
            RunId = Run,
            Key = "report",
            Kind = ArtifactKind.Markdown,
            At = At,
            Content = "# Report",
        });
        batch.Cache.Add(new CacheEntry
        {
            Step = "Billing.Aggregate",
            Key = ContentHash.Of("k"u8),
            RunId = Run,
            Sequence = 1,
            MadeAt = At,
            Result = completed.Result,
        });
        await store.WriteAsync(batch, Cancellation);
        await store.PutHostAsync(
            new HostRecord
            {
                Id = HostId,
                Machine = "ada",
                Boot = "7d1c",
                ProcessId = 4711,
                ProcessStart = 99,
                StartedAt = At,
                HeartbeatAt = At,
            },
            Cancellation);
    }
}
