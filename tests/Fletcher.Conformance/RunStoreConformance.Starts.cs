using System.Collections.Concurrent;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>Runs that are started for hosts to take, and the keys that keep one from being started twice.</summary>
public abstract partial class RunStoreConformance
{
    private static FlowRunRecord Started(DateTimeOffset? at = null, string flow = "F", string parameters = "{}") =>
        A.FlowRun(flow, at is null ? FlowRunState.Queued : FlowRunState.Scheduled, parameters: parameters) with { Attempt = 0, WakeAt = at ?? DateTimeOffset.UnixEpoch };

    private async Task<StartedRun> StartAsync(RunStart start) => Assert.Single(await Store.StartAsync([start], Cancellation));

    [Fact]
    public async Task Started_runs_are_there_and_due()
    {
        var starts = Enumerable.Range(0, 500).Select(i => new RunStart { Run = Started() with { Priority = i % 3 }, Entry = A.Ledger(default, "ada started it") }).ToArray();

        var started = await Store.StartAsync(starts, Cancellation);

        Assert.Equal(starts.Select(start => new StartedRun(start.Run.Id, StartOutcome.Created)), started);
        await AssertSameAsync(starts[7].Run, await RunAsync(starts[7].Run.Id));
        await AssertSameAsync(A.Ledger(starts[7].Run.Id, "ada started it"), Assert.Single(await Store.GetLedgerAsync(starts[7].Run.Id, Cancellation)));
        var claimed = await ClaimDueAsync(1000);
        Assert.Equal(500, claimed.Count);
        Assert.All(claimed, claim => Assert.Equal((1, 1L), (claim.Run.Attempt, claim.Run.Fence)));
    }

    [Fact]
    public async Task A_run_that_is_scheduled_waits_for_its_time_and_no_signal_starts_it()
    {
        var run = Started(Now.AddHours(1));
        await StartAsync(new RunStart { Run = run });

        await SendAsync(A.Message(run.Id));
        Assert.Empty(await ClaimDueAsync());
        Assert.Equal(Now.AddHours(1), await Store.GetNextWakeAsync(["F"], Cancellation));

        await SendAsync(A.Message(run.Id, MessageKind.Cancel));
        Assert.Equal(FlowRunState.Scheduled, Assert.Single(await ClaimDueAsync()).From);
    }

    [Theory]
    [InlineData(FlowRunState.Running)]
    [InlineData(FlowRunState.Failed)]
    [InlineData(FlowRunState.Completed)]
    public async Task Only_the_first_start_with_an_idempotency_key_makes_a_run(FlowRunState state)
    {
        var first = Started();
        await StartAsync(new RunStart { Run = first, IdempotencyKey = "k" });
        await WriteAsync(first with { State = state, WakeAt = null });

        Assert.Equal(new StartedRun(first.Id, StartOutcome.Found), await StartAsync(new RunStart { Run = Started(), IdempotencyKey = "k", Entry = A.Ledger(default, "again") }));
        Assert.Equal(StartOutcome.Created, (await StartAsync(new RunStart { Run = Started(), IdempotencyKey = "K" })).Outcome);
        Assert.Equal(StartOutcome.Created, (await StartAsync(new RunStart { Run = Started(flow: "G"), IdempotencyKey = "k" })).Outcome);
        Assert.Equal(StartOutcome.Created, (await StartAsync(new RunStart { Run = Started(), DeduplicationKey = "k" })).Outcome);
        await AssertSameAsync(first with { State = state, WakeAt = null }, await RunAsync(first.Id));
        Assert.Empty(await Store.GetLedgerAsync(first.Id, Cancellation));
    }

    [Theory]
    [InlineData(FlowRunState.Running, false, true)]
    [InlineData(FlowRunState.Waiting, false, true)]
    [InlineData(FlowRunState.Crashed, true, true)]
    [InlineData(FlowRunState.Crashed, false, false)]
    [InlineData(FlowRunState.Failed, false, false)]
    [InlineData(FlowRunState.Completed, false, false)]
    public async Task A_start_finds_the_open_run_with_its_deduplication_key(FlowRunState state, bool isDue, bool isFound)
    {
        var first = Started();
        await StartAsync(new RunStart { Run = first, DeduplicationKey = "k" });
        await WriteAsync(first with { State = state, WakeAt = isDue ? Now : null });
        var second = Started();

        var found = await StartAsync(new RunStart { Run = second, DeduplicationKey = "k" });

        Assert.Equal(isFound ? new StartedRun(first.Id, StartOutcome.Found) : new StartedRun(second.Id, StartOutcome.Created), found);
        if (!isFound)
            Assert.Equal(second.Id, (await StartAsync(new RunStart { Run = Started(), DeduplicationKey = "k" })).Run);
    }

    [Fact]
    public async Task A_start_finds_the_run_with_its_once_key()
    {
        var first = Started() with { OnceKey = "k" };
        Assert.Equal(StartOutcome.Created, (await StartAsync(new RunStart { Run = first })).Outcome);

        Assert.Equal(new StartedRun(first.Id, StartOutcome.Found), await StartAsync(new RunStart { Run = Started() with { OnceKey = "k" } }));
        await WriteAsync(first with { State = FlowRunState.Failed, WakeAt = null });
        Assert.Equal(StartOutcome.Created, (await StartAsync(new RunStart { Run = Started() with { OnceKey = "k" } })).Outcome);
    }

    [Fact]
    public async Task A_later_start_takes_the_place_of_the_one_that_waits()
    {
        var first = Started(Now.AddSeconds(5), parameters: """{"a":1}""") with { CreatedAt = Now };
        await StartAsync(new RunStart { Run = first, DebounceKey = "k" });
        var second = Started(Now.AddSeconds(9), parameters: """{"a":2}""") with { CreatedAt = Now.AddSeconds(4), Priority = 4, Queue = "slow", Tags = ["t"] };

        Assert.Equal(
            new StartedRun(first.Id, StartOutcome.Replaced),
            await StartAsync(new RunStart { Run = second, DebounceKey = "k", Entry = A.Ledger(default, "again"), IdempotencyKey = "i" }));

        await AssertSameAsync(second with { Id = first.Id, RootRunId = first.Id, CreatedAt = Now, Fence = first.Fence + 1 }, await RunAsync(first.Id));
        Assert.Null(await Store.GetFlowRunAsync(second.Id, Cancellation));
        Assert.Single(await Store.GetLedgerAsync(first.Id, Cancellation));
        Assert.Equal(new StartedRun(first.Id, StartOutcome.Found), await StartAsync(new RunStart { Run = Started(), IdempotencyKey = "i" }));
        Assert.Empty(await Store.ClaimDueAsync(Guid.CreateVersion7(), ["F"], Now.AddSeconds(5), 9, Cancellation));

        var begun = Assert.Single(await Store.ClaimDueAsync(Guid.CreateVersion7(), ["F"], Now.AddSeconds(9), 9, Cancellation)).Run;
        await WriteAsync(begun with { State = FlowRunState.Waiting, HostId = null, WakeAt = Now.AddDays(1) });
        Assert.Equal(StartOutcome.Created, (await StartAsync(new RunStart { Run = Started(Now.AddSeconds(9)), DebounceKey = "k" })).Outcome);
    }

    [Fact]
    public async Task Each_start_sees_those_before_it_in_the_same_call()
    {
        var started = await Store.StartAsync(
            [.. Enumerable.Range(0, 6).Select(i => new RunStart { Run = Started(Now.AddDays(1)), DeduplicationKey = i % 2 == 0 ? "k" : null, DebounceKey = i % 2 == 0 ? null : "k" })],
            Cancellation);

        Assert.Equal(
            [StartOutcome.Created, StartOutcome.Created, StartOutcome.Found, StartOutcome.Replaced, StartOutcome.Found, StartOutcome.Replaced],
            started.Select(run => run.Outcome));
        Assert.Equal(2, started.Select(run => run.Run).Distinct().Count());
    }

    [Fact]
    public async Task Nothing_is_started_when_one_start_is_wrong()
    {
        var good = Started();
        FlowRunRecord[] wrong =
        [
            Started() with { HostId = Guid.CreateVersion7() }, Started() with { WakeAt = null }, Started() with { RootRunId = good.Id },
            Started() with { State = FlowRunState.Completed }, Started() with { Parameters = null! },
        ];

        foreach (var run in wrong)
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.StartAsync([new RunStart { Run = good }, new RunStart { Run = run }], Cancellation));

        Assert.Null(await Store.GetFlowRunAsync(good.Id, Cancellation));
        Assert.Empty(await Store.StartAsync([], Cancellation));
    }

    [Fact]
    public async Task Of_many_that_start_with_the_same_key_exactly_one_does()
    {
        var started = new ConcurrentBag<StartedRun>();

        await RaceAsync(async (store, _) =>
        {
            for (var i = 0; i < 20; i++)
                started.Add((await store.StartAsync([new RunStart { Run = Started(), IdempotencyKey = $"{i}" }], Cancellation))[0]);
        });

        Assert.Equal(20, started.Count(run => run.Outcome == StartOutcome.Created));
        Assert.Equal(20, started.Select(run => run.Run).Distinct().Count());
        Assert.Equal(20, (await ClaimDueAsync()).Count);
    }

    [Fact]
    public async Task What_hosts_say_about_flows_is_kept()
    {
        var first = new FlowRecord { Name = "B", PublishedAt = Now };
        await WriteAsync(A.FlowRun("never published"));
        await Store.PutFlowsAsync([first, Samples.FullFlow], Cancellation);
        await Store.PutFlowsAsync([first with { ParameterSchema = "{}", Tags = ["t"] }], Cancellation);

        Assert.Null(await Store.GetFlowAsync("never published", Cancellation));
        Assert.Null(await Store.GetFlowAsync("b", Cancellation));
        await AssertSameAsync(first with { ParameterSchema = "{}", Tags = ["t"] }, await Store.GetFlowAsync("B", Cancellation));
        await AssertSameAsync(
            new[] { first with { ParameterSchema = "{}", Tags = ["t"] }, Samples.FullFlow }, (await Store.GetFlowsAsync(Cancellation)).ToArray());
    }
}
