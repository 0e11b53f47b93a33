using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

public abstract partial class RunStoreConformance
{
    [Fact]
    public void Description_says_what_it_is() => Assert.NotEmpty(Store.Description);

    [Fact]
    public async Task An_empty_store_answers_with_nothing()
    {
        var run = A.RunId();

        Assert.Null(await Store.GetFlowRunAsync(run, Cancellation));
        Assert.Empty(await Store.GetFlowRunsAsync(new FlowRunQuery(), Cancellation));
        Assert.Empty(await Store.FindUnfinishedAsync("F", ContentHash.Of("{}"u8), Guid.Empty, 10, Cancellation));
        Assert.Null(await Store.FindOnceAsync("F", "k", Cancellation));
        Assert.Empty(await StepRunsAsync(run));
        Assert.Null(await Store.FindLastSuccessAsync("F", "S", run, Cancellation));
        Assert.Null(await Store.FindCachedAsync("S", ContentHash.Of("k"u8), Cancellation));
        Assert.Empty(await Store.GetLedgerAsync(run, Cancellation));
        Assert.Empty(await Store.GetLogsAsync(run, null, 10, Cancellation));
        Assert.Empty(await Store.GetArtifactsAsync(run, Cancellation));
        Assert.Null(await Store.GetHostAsync(Guid.CreateVersion7(), Cancellation));
        Assert.Null(await Store.TryClaimAsync(run, 0, Guid.CreateVersion7(), A.Instant, Cancellation));
        Assert.Empty(await ClaimDueAsync());
        Assert.Null(await Store.GetNextWakeAsync(["F"], Cancellation));
        Assert.Empty(await Store.GetRunsOfHostAsync(Guid.CreateVersion7(), default, 10, Cancellation));
        Assert.Empty(await Store.GetMessagesAsync(0, 10, Cancellation));
        Assert.Empty(await Store.GetUntakenAsync(run, Cancellation));
        Assert.Equal(0, await Store.GetLastMessageAsync(Cancellation));
        Assert.Empty(await Store.GetQuestionsAsync(null, false, 10, Cancellation));
        Assert.Empty(await Store.GetPausedAsync(Cancellation));
        Assert.Empty(await Store.GetLivingHostsAsync(Cancellation));
        Assert.Empty(await Store.GetOwnersAsync(Cancellation));
        await Store.WriteAsync(new WriteBatch(), Cancellation);
    }

    [Fact]
    public async Task Which_of_many_runs_are_over_is_one_question()
    {
        var over = Enum.GetValues<FlowRunState>().Where(state => state.IsEnd()).Select(state => A.FlowRun(state: state)).ToList();
        var open = Enum.GetValues<FlowRunState>().Where(state => !state.IsEnd()).Select(state => A.FlowRun(state: state)).ToList();
        open.Add(A.FlowRun(state: FlowRunState.Crashed) with { WakeAt = A.Instant });
        var unknown = Enumerable.Range(0, 3_000).Select(_ => A.RunId()).ToList();
        await WriteAsync([.. over, .. open]);

        var found = await Store.FindOverAsync([.. over.Concat(open).Select(run => run.Id), .. unknown], Cancellation);

        Assert.Equal(over.Select(run => run.Id).Concat(unknown).Order(), found.Order());
        Assert.Empty(await Store.FindOverAsync([], Cancellation));
    }

    [Fact]
    public async Task A_later_flow_run_replaces_the_earlier_one()
    {
        var run = A.FlowRun() with { Name = "first", Reason = "why", Error = Samples.Error };
        var later = A.FlowRun(id: run.Id, state: FlowRunState.Completed) with { EndedAt = A.Instant, Result = A.Value("1") };

        await WriteAsync(run);
        await WriteAsync(later);

        await AssertSameAsync(later, await Store.GetFlowRunAsync(run.Id, Cancellation));
    }

    [Fact]
    public async Task Within_a_batch_the_last_of_the_same_identity_stays()
    {
        var run = A.FlowRun();
        var step = A.StepRun(run.Id, 1, StepRunState.Running);

        await WriteAsync(
            run, run with { Name = "last" }, step, step with { State = StepRunState.Failed }, step with { State = StepRunState.Completed });

        Assert.Equal("last", (await Store.GetFlowRunAsync(run.Id, Cancellation))!.Name);
        Assert.Equal(StepRunState.Completed, Assert.Single(await StepRunsAsync(run.Id)).State);
    }

    [Fact]
    public async Task A_flow_run_with_a_smaller_fence_is_not_written_and_the_rest_of_its_batch_is()
    {
        var run = A.FlowRun() with { Fence = 5, Name = "owner" };
        await WriteAsync(run);

        await WriteAsync(run with { Fence = 4, Name = "stale" }, A.StepRun(run.Id, 1));

        Assert.Equal("owner", (await Store.GetFlowRunAsync(run.Id, Cancellation))!.Name);
        Assert.Single(await StepRunsAsync(run.Id));

        await WriteAsync(run with { Fence = 5, Name = "same" });
        Assert.Equal("same", (await Store.GetFlowRunAsync(run.Id, Cancellation))!.Name);

        await WriteAsync(run with { Fence = 6, Name = "next" });
        Assert.Equal("next", (await Store.GetFlowRunAsync(run.Id, Cancellation))!.Name);
    }

    [Fact]
    public async Task The_batch_may_be_reused_after_the_write()
    {
        var first = A.FlowRun();
        var second = A.FlowRun();
        var batch = Batch(first);
        await Store.WriteAsync(batch, Cancellation);

        batch.Clear();
        batch.FlowRuns.Add(second);
        await Store.WriteAsync(batch, Cancellation);

        Assert.Equal([second.Id, first.Id], (await Store.GetFlowRunsAsync(new FlowRunQuery(), Cancellation)).Select(r => r.Id));
    }

    public static TheoryData<string> BadRecords => [.. Samples.Bad.Keys];

    [Theory]
    [MemberData(nameof(BadRecords))]
    public async Task Of_a_batch_with_a_bad_record_nothing_is_written(string bad)
    {
        var run = A.FlowRun();
        var batch = Batch(
            run,
            A.StepRun(run.Id, 1),
            A.Ledger(run.Id, "r"),
            A.Log(run.Id, 0, "m"),
            A.Artifact(run.Id, 0, "k", "c"),
            A.Cached("S", "k", A.Instant, "1"));
        Samples.Bad[bad](batch);

        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.WriteAsync(batch, Cancellation));

        Assert.Null(await Store.GetFlowRunAsync(run.Id, Cancellation));
        Assert.Empty(await StepRunsAsync(run.Id));
        Assert.Empty(await Store.GetLedgerAsync(run.Id, Cancellation));
        Assert.Empty(await Store.GetLogsAsync(run.Id, null, 10, Cancellation));
        Assert.Empty(await Store.GetArtifactsAsync(run.Id, Cancellation));
        Assert.Null(await Store.FindCachedAsync("S", ContentHash.Of("k"u8), Cancellation));

        // And it goes on working, with the same names.
        await WriteAsync(run, A.StepRun(run.Id, 1));
        Assert.Single(await StepRunsAsync(run.Id));
        Assert.NotNull(await Store.FindLastSuccessAsync(run.Flow, "Billing.Send", A.RunId(), Cancellation));
    }

    [Fact]
    public async Task Flow_runs_are_listed_by_their_tags()
    {
        var plain = A.FlowRun("F", FlowRunState.Completed);
        var one = A.FlowRun("F", FlowRunState.Completed) with { Tags = ["deployment:a"] };
        var two = A.FlowRun("F", FlowRunState.Failed) with { Tags = ["blue", "deployment:a"] };
        var strange = A.FlowRun("F", FlowRunState.Completed) with { Tags = ["deployment:ab", "a,", ",b", "it's \"100%\" <ü> \\", "Blue"] };
        await WriteAsync(plain, one, two, strange);

        async Task Check(string[] tags, params FlowRunRecord[] expected) => Assert.Equal(
            expected.Select(run => run.Id).OrderDescending(), (await Store.GetFlowRunsAsync(new FlowRunQuery { Tags = tags }, Cancellation)).Select(run => run.Id));

        await Check([], plain, one, two, strange);
        await Check(["deployment:a"], one, two);
        await Check(["deployment:a", "blue"], two);
        await Check(["deployment:"]);
        await Check([","]);
        await Check([",b"], strange);
        await Check(["it's \"100%\" <ü> \\"], strange);
        await Check(["%"]);
        Assert.Equal([two.Id], (await Store.GetFlowRunsAsync(new FlowRunQuery { Tags = ["blue"], Flow = "F", States = [FlowRunState.Failed], Limit = 1 }, Cancellation)).Select(run => run.Id));
    }

    [Fact]
    public async Task Flow_runs_are_listed_newest_first_by_every_condition()
    {
        var parent = A.FlowRun("F", FlowRunState.Running);
        var child = A.FlowRun("G", FlowRunState.Failed) with { ParentRunId = parent.Id, ParentSequence = 2, RootRunId = parent.Id };
        var done = A.FlowRun("F", FlowRunState.Completed);
        var failed = A.FlowRun("F", FlowRunState.Failed);
        await WriteAsync(done, failed, child, parent);

        async Task Check(FlowRunQuery query, params FlowRunRecord[] expected) => Assert.Equal(
            expected.Select(r => r.Id), (await Store.GetFlowRunsAsync(query, Cancellation)).Select(r => r.Id));

        await Check(new FlowRunQuery(), failed, done, child, parent);
        await Check(new FlowRunQuery { Limit = 2 }, failed, done);
        await Check(new FlowRunQuery { Flow = "F" }, failed, done, parent);
        await Check(new FlowRunQuery { Flow = "nobody" });
        await Check(new FlowRunQuery { States = [FlowRunState.Failed, FlowRunState.Running] }, failed, child, parent);
        await Check(new FlowRunQuery { Parent = parent.Id }, child);
        await Check(new FlowRunQuery { Parent = child.Id });
        await Check(new FlowRunQuery { Before = done.Id }, child, parent);
        await Check(new FlowRunQuery { NotBefore = done.Id }, failed, done);
        await Check(new FlowRunQuery { NotBefore = child.Id, Before = failed.Id }, done, child);
        await Check(new FlowRunQuery { Flow = "F", States = [FlowRunState.Failed], Before = failed.Id });
        await Check(new FlowRunQuery { Flow = "G", Parent = parent.Id, States = [FlowRunState.Failed], Before = done.Id, Limit = 1 }, child);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task A_limit_out_of_range_is_refused(int limit) => await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
        async () => await Store.GetFlowRunsAsync(new FlowRunQuery { Limit = limit }, Cancellation));

    [Fact]
    public async Task Unfinished_runs_are_found_by_flow_and_parameters_without_those_of_one_host()
    {
        var self = Guid.CreateVersion7();
        var dead = Guid.CreateVersion7();
        var crashed = A.FlowRun(state: FlowRunState.Crashed);
        var failed = A.FlowRun(state: FlowRunState.Failed) with { HostId = dead };
        var running = A.FlowRun(state: FlowRunState.Running) with { HostId = dead };
        var early = A.FlowRun(state: FlowRunState.Waiting) with { HostId = new Guid("00000000-0000-0000-0000-000000000001") };
        await WriteAsync(
            crashed,
            failed,
            running,
            early,
            A.FlowRun(state: FlowRunState.Completed),
            A.FlowRun(state: FlowRunState.Cancelled),
            A.FlowRun("Another"),
            A.FlowRun(parameters: """{"month":"2026-10"}"""),
            A.FlowRun() with { HostId = self },
            A.FlowRun() with { ParentRunId = crashed.Id, ParentSequence = 1 });

        var found = await Store.FindUnfinishedAsync(crashed.Flow, crashed.ParametersHash, self, 10, Cancellation);
        Assert.Equal([early.Id, running.Id, failed.Id, crashed.Id], found.Select(r => r.Id));

        found = await Store.FindUnfinishedAsync(crashed.Flow, crashed.ParametersHash, self, 2, Cancellation);
        Assert.Equal([early.Id, running.Id], found.Select(r => r.Id));

        found = await Store.FindUnfinishedAsync(crashed.Flow, crashed.ParametersHash, dead, 1, Cancellation);
        Assert.Equal(self, Assert.Single(found).HostId);
    }

    [Fact]
    public async Task A_run_that_completes_is_not_unfinished_any_more()
    {
        var run = A.FlowRun();
        await WriteAsync(run);
        Assert.Single(await Store.FindUnfinishedAsync(run.Flow, run.ParametersHash, Guid.Empty, 10, Cancellation));

        await WriteAsync(run with { State = FlowRunState.Completed });

        Assert.Empty(await Store.FindUnfinishedAsync(run.Flow, run.ParametersHash, Guid.Empty, 10, Cancellation));
    }
}
