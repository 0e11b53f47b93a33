using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task Step_runs_come_by_sequence_and_only_those_of_the_run()
    {
        var run = A.FlowRun();
        var other = A.FlowRun();
        await WriteAsync(A.StepRun(run.Id, 3), A.StepRun(run.Id, 1), A.StepRun(other.Id, 2));
        await WriteAsync(A.StepRun(run.Id, 1_000_000_000), A.StepRun(run.Id, 5000), A.StepRun(run.Id, 2));
        await WriteAsync([.. Enumerable.Range(4, 1997).Select(i => A.StepRun(run.Id, i))]);

        Assert.Equal([.. Enumerable.Range(1, 2000), 5000, 1_000_000_000], (await StepRunsAsync(run.Id)).Select(s => s.Sequence));
        Assert.Equal(2, Assert.Single(await StepRunsAsync(other.Id)).Sequence);
    }

    [Fact]
    public async Task A_later_step_run_replaces_the_earlier_one_in_all_its_parts()
    {
        var full = Samples.FullStepRun;
        var bare = A.StepRun(full.RunId, full.Sequence, StepRunState.Running) with { Site = default };

        await WriteAsync(full);
        await AssertSameAsync(full, Assert.Single(await StepRunsAsync(full.RunId)));
        await WriteAsync(bare);
        await AssertSameAsync(bare, Assert.Single(await StepRunsAsync(full.RunId)));
        await WriteAsync(full);
        await AssertSameAsync(full, Assert.Single(await StepRunsAsync(full.RunId)));
    }

    [Fact]
    public async Task Versions_of_a_step_are_kept_apart()
    {
        var run = A.RunId();
        StepCode[] versions =
        [
            new("S", null, null, 0),
            new("S", "", null, 0),
            new("S", "", "", 0),
            new("S", null, "", 0),
            new("S", "1", "a.cs", 1),
            new("S", "1", "a.cs", 2),
            new("S", "2", "a.cs", 1),
            new("s", "1", "a.cs", 1),
        ];

        await WriteAsync([.. versions.Select((v, i) => A.StepRun(run, i + 1) with { Step = v })]);
        await WriteAsync([.. versions.Select((v, i) => A.StepRun(run, i + 101) with { Step = v with { } })]);

        Assert.Equal([.. versions, .. versions], (await StepRunsAsync(run)).Select(s => s.Step));
    }

    [Fact]
    public async Task The_last_success_is_of_the_same_flow_and_step_and_of_another_run()
    {
        var first = A.FlowRun("F");
        var second = A.FlowRun("F");
        var otherFlow = A.FlowRun("G");
        await WriteAsync(first, A.StepRun(first.Id, 1, step: "S"), A.StepRun(first.Id, 2, step: "S"));
        await WriteAsync(otherFlow, A.StepRun(otherFlow.Id, 7, step: "S"), A.StepRun(otherFlow.Id, 8, step: "T"));

        var found = await Store.FindLastSuccessAsync("F", "S", second.Id, Cancellation);

        Assert.Equal((first.Id, 2), (found!.RunId, found.Sequence));
        Assert.Null(await Store.FindLastSuccessAsync("F", "S", first.Id, Cancellation));
        Assert.Null(await Store.FindLastSuccessAsync("F", "T", second.Id, Cancellation));
    }

    [Fact]
    public async Task The_last_success_before_this_run_stays_when_the_step_succeeds_again_in_this_run()
    {
        var last = A.FlowRun("F");
        var current = A.FlowRun("F");
        await WriteAsync(last, A.StepRun(last.Id, 1, step: "S"), A.StepRun(last.Id, 2, step: "S"));

        await WriteAsync(current, A.StepRun(current.Id, 1, step: "S"));
        await WriteAsync(A.StepRun(current.Id, 2, step: "S"), A.StepRun(current.Id, 3, StepRunState.Failed, "S"));

        Assert.Equal(last.Id, (await Store.FindLastSuccessAsync("F", "S", current.Id, Cancellation))!.RunId);
        Assert.Equal(2, (await Store.FindLastSuccessAsync("F", "S", current.Id, Cancellation))!.Sequence);
        Assert.Equal(current.Id, (await Store.FindLastSuccessAsync("F", "S", A.RunId(), Cancellation))!.RunId);
    }

    [Fact]
    public async Task The_last_success_is_the_newest_in_batches_of_any_size()
    {
        var run = A.FlowRun("F");
        await WriteAsync(run);
        for (var sequence = 1; sequence <= 5; sequence++)
            await WriteAsync(A.StepRun(run.Id, sequence, step: "S"));
        Assert.Equal(5, (await Store.FindLastSuccessAsync("F", "S", A.RunId(), Cancellation))!.Sequence);

        await WriteAsync([.. Enumerable.Range(6, 100).Select(i => A.StepRun(run.Id, i, step: "S"))]);
        Assert.Equal(105, (await Store.FindLastSuccessAsync("F", "S", A.RunId(), Cancellation))!.Sequence);

        var next = A.FlowRun("F");
        await WriteAsync(next, A.StepRun(next.Id, 1, step: "S"));
        Assert.Equal(next.Id, (await Store.FindLastSuccessAsync("F", "S", A.RunId(), Cancellation))!.RunId);
    }

    [Theory]
    [InlineData(StepRunState.Waiting)]
    [InlineData(StepRunState.Running)]
    [InlineData(StepRunState.Retrying)]
    [InlineData(StepRunState.Failed)]
    [InlineData(StepRunState.Cancelled)]
    [InlineData(StepRunState.Crashed)]
    [InlineData(StepRunState.Unknown)]
    [InlineData(StepRunState.NotRun)]
    public async Task What_did_not_complete_is_no_success(StepRunState state)
    {
        var run = A.FlowRun("F");

        await WriteAsync(run, A.StepRun(run.Id, 1, state, "S"));

        Assert.Null(await Store.FindLastSuccessAsync("F", "S", A.RunId(), Cancellation));
    }

    [Fact]
    public async Task A_success_that_was_overwritten_is_no_success()
    {
        var run = A.FlowRun("F");
        await WriteAsync(run, A.StepRun(run.Id, 1, step: "S"));

        await WriteAsync(A.StepRun(run.Id, 1, StepRunState.Failed, "S"));

        Assert.Null(await Store.FindLastSuccessAsync("F", "S", A.RunId(), Cancellation));
    }

    [Fact]
    public async Task A_batch_of_ten_thousand_is_written_whole()
    {
        var runs = Enumerable.Range(0, 100).Select(_ => A.FlowRun()).ToArray();

        await WriteAsync([
            .. runs,
            .. runs.SelectMany(run => Enumerable.Range(1, 100).Select(
                i => A.StepRun(run.Id, i, step: $"Step{i % 7}") with { Result = A.Value($"{i}") }))]);

        Assert.Equal(100, (await Store.GetFlowRunsAsync(new FlowRunQuery { Limit = 1000 }, Cancellation)).Count);
        foreach (var run in runs)
        {
            var stepRuns = await StepRunsAsync(run.Id);
            Assert.Equal(Enumerable.Range(1, 100), stepRuns.Select(s => s.Sequence));
            Assert.All(stepRuns, s => Assert.Equal($"Step{s.Sequence % 7}", s.Step.Name));
        }
    }

    [Fact]
    public async Task Reading_step_runs_may_stop_at_any_place()
    {
        var run = A.RunId();
        await WriteAsync([.. Enumerable.Range(1, 2500).Select(i => A.StepRun(run, i))]);

        for (var attempt = 0; attempt < 50; attempt++)
        {
            await foreach (var stepRun in Store.GetStepRunsAsync(run, Cancellation))
            {
                if (stepRun.Sequence > attempt * 50)
                    break;
            }
        }

        Assert.Equal(2500, (await StepRunsAsync(run)).Count);
    }
}
