using Fletcher.Model;

namespace Fletcher.Conformance;

public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task A_due_run_is_given_to_the_host_that_asks()
    {
        var run = A.Parked(Now, FlowRunState.Crashed) with
        {
            Reason = "its host is gone",
            Fence = 7,
            Attempt = 2,
            EndedAt = A.Instant,
            Error = Samples.Error,
            Crashes = 2,
            LastMessage = 5,
            Failures = 1,
        };
        await WriteAsync(run);
        var host = Guid.CreateVersion7();

        var claimed = Assert.Single(await Store.ClaimDueAsync(host, ["F"], Now, 10, Cancellation));

        Assert.Equal((FlowRunState.Crashed, "its host is gone"), (claimed.From, claimed.Reason));
        var expected = run with
        {
            State = FlowRunState.Running,
            Fence = 8,
            Attempt = 3,
            HostId = host,
            StartedAt = Now,
            EndedAt = null,
            Error = null,
            Reason = null,
            WakeAt = null,
        };
        await AssertSameAsync(expected, claimed.Run);
        await AssertSameAsync(expected, await RunAsync(run.Id));
    }

    [Fact]
    public async Task What_one_host_got_another_does_not_get()
    {
        await WriteAsync(A.Parked(Now), A.Parked(Now));

        Assert.Equal(2, (await ClaimDueAsync()).Count);
        Assert.Empty(await ClaimDueAsync());
    }

    [Theory]
    [InlineData(FlowRunState.Scheduled, true)]
    [InlineData(FlowRunState.Queued, true)]
    [InlineData(FlowRunState.Waiting, true)]
    [InlineData(FlowRunState.Crashed, true)]
    [InlineData(FlowRunState.Failed, true)]
    [InlineData(FlowRunState.Cancelled, true)]
    [InlineData(FlowRunState.Completed, false)]
    public async Task A_run_of_any_state_but_Completed_can_be_due(FlowRunState state, bool isDue)
    {
        await WriteAsync(A.Parked(Now, state));

        Assert.Equal(isDue ? Now : null, await Store.GetNextWakeAsync(["F"], Cancellation));
        Assert.Equal(isDue ? 1 : 0, (await ClaimDueAsync()).Count);
    }

    [Fact]
    public async Task A_run_without_a_time_to_wake_is_never_due()
    {
        await WriteAsync(A.Parked(wakeAt: null), A.Parked(wakeAt: null, FlowRunState.Crashed));

        Assert.Null(await Store.GetNextWakeAsync(["F"], Cancellation));
        Assert.Empty(await ClaimDueAsync());
    }

    [Fact]
    public async Task A_run_that_a_host_has_is_not_due()
    {
        await WriteAsync(A.Parked(Now) with { HostId = Guid.CreateVersion7() });

        Assert.Null(await Store.GetNextWakeAsync(["F"], Cancellation));
        Assert.Empty(await ClaimDueAsync());
    }

    [Fact]
    public async Task A_sub_flow_is_not_due_by_itself()
    {
        var root = A.Parked(wakeAt: null);
        await WriteAsync(root, A.SubFlow(root, FlowRunState.Waiting) with { Flow = "F", WakeAt = Now });

        Assert.Null(await Store.GetNextWakeAsync(["F"], Cancellation));
        Assert.Empty(await ClaimDueAsync());
    }

    [Fact]
    public async Task A_run_that_another_run_started_is_a_root_and_can_be_due()
    {
        var started = A.Parked(Now) with { ParentRunId = A.RunId(), ParentSequence = 3 };
        await WriteAsync(started);

        Assert.Equal(started.Id, Assert.Single(await ClaimDueAsync()).Run.Id);
    }

    [Fact]
    public async Task A_run_is_due_from_its_time_on()
    {
        await WriteAsync(A.Parked(Now.AddTicks(10)));

        Assert.Empty(await ClaimDueAsync());
        Assert.Single(await Store.ClaimDueAsync(Guid.CreateVersion7(), ["F"], Now.AddTicks(10), 1, Cancellation));
    }

    [Fact]
    public async Task A_run_that_waits_for_ever_is_never_due()
    {
        await WriteAsync(A.Parked(DateTimeOffset.MaxValue));

        Assert.Empty(await ClaimDueAsync());
        Assert.Equal(DateTimeOffset.MaxValue, await Store.GetNextWakeAsync(["F"], Cancellation));
    }

    [Fact]
    public async Task Only_runs_of_the_flows_that_the_host_has_are_due()
    {
        var mine = A.Parked(Now);
        var mineToo = A.Parked(Now, flow: "G");
        await WriteAsync(mine, mineToo, A.Parked(Now, flow: "H"), A.Parked(Now, flow: "f"));

        var claimed = await Store.ClaimDueAsync(Guid.CreateVersion7(), ["F", "unknown", "G", "F"], Now, 10, Cancellation);

        Assert.Equal([mine.Id, mineToo.Id], claimed.Select(c => c.Run.Id));
        Assert.Empty(await Store.ClaimDueAsync(Guid.CreateVersion7(), [], Now, 10, Cancellation));
    }

    [Fact]
    public async Task The_longest_due_come_first_and_no_more_than_asked_for()
    {
        FlowRunRecord[] runs =
        [
            A.Parked(Now.AddMinutes(-1)), A.Parked(Now.AddMinutes(-5), flow: "G"), A.Parked(Now.AddMinutes(-3)),
            A.Parked(Now.AddMinutes(-2), flow: "G"), A.Parked(Now.AddMinutes(-4)),
        ];
        await WriteAsync(runs);

        var claimed = await Store.ClaimDueAsync(Guid.CreateVersion7(), ["F", "G"], Now, 3, Cancellation);
        var rest = await Store.ClaimDueAsync(Guid.CreateVersion7(), ["F", "G"], Now, 3, Cancellation);

        Assert.Equal([runs[1].Id, runs[4].Id, runs[2].Id], claimed.Select(c => c.Run.Id));
        Assert.Equal([runs[3].Id, runs[0].Id], rest.Select(c => c.Run.Id));
    }

    [Fact]
    public async Task A_due_run_whose_once_key_another_run_has_is_passed_over_and_not_due_any_more()
    {
        var overtaken = A.Parked(Now.AddMinutes(-1), FlowRunState.Crashed) with { OnceKey = "k" };
        var behind = A.Parked(Now);
        await WriteAsync(overtaken, behind, A.FlowRun("F", FlowRunState.Completed) with { OnceKey = "k" });

        Assert.Equal(behind.Id, Assert.Single(await ClaimDueAsync(limit: 1)).Run.Id);

        Assert.Null(await Store.GetNextWakeAsync(["F"], Cancellation));
        await AssertSameAsync(overtaken with { WakeAt = null }, await RunAsync(overtaken.Id));
    }

    [Fact]
    public async Task A_due_run_with_its_own_once_key_is_given_out()
    {
        var run = A.Parked(Now) with { OnceKey = "k" };
        await WriteAsync(run);

        Assert.Equal(run.Id, Assert.Single(await ClaimDueAsync()).Run.Id);
    }

    [Fact]
    public async Task A_due_run_that_is_undoing_keeps_its_error()
    {
        await WriteAsync(A.Parked(Now, FlowRunState.Crashed) with { Undoing = A.Undoing, Error = Samples.Error });

        await AssertSameAsync(Samples.Error, Assert.Single(await ClaimDueAsync()).Run.Error);
    }

    [Fact]
    public async Task Nothing_at_the_most_is_not_a_limit() => await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
        async () => await ClaimDueAsync(limit: 0));

    [Fact]
    public async Task The_next_wake_is_the_first_of_the_flows_that_are_asked_for()
    {
        await WriteAsync(
            A.Parked(Now.AddHours(2)), A.Parked(Now.AddHours(3)), A.Parked(Now.AddHours(1), flow: "G"), A.Parked(wakeAt: null));

        Assert.Equal(Now.AddHours(2), await Store.GetNextWakeAsync(["F"], Cancellation));
        Assert.Equal(Now.AddHours(1), await Store.GetNextWakeAsync(["F", "G", "unknown"], Cancellation));
        Assert.Null(await Store.GetNextWakeAsync(["unknown"], Cancellation));
        Assert.Null(await Store.GetNextWakeAsync([], Cancellation));
    }

    [Fact]
    public async Task The_next_wake_is_now_when_a_run_is_due_already()
    {
        await WriteAsync(A.Parked(Now.AddDays(-1)));

        Assert.Equal(Now, await Store.GetNextWakeAsync(["F"], Cancellation));
    }

    [Fact]
    public async Task A_time_to_wake_between_two_microseconds_is_not_later_than_it_says()
    {
        var run = A.Parked(Now.AddTicks(7));
        await WriteAsync(run);

        Assert.InRange((await RunAsync(run.Id)).WakeAt!.Value, Now, Now.AddTicks(7));
        Assert.Single(await Store.ClaimDueAsync(Guid.CreateVersion7(), ["F"], Now.AddTicks(7), 1, Cancellation));
    }

    [Fact]
    public async Task The_last_instant_of_all_comes_back()
    {
        var run = A.FlowRun() with { StartedAt = DateTimeOffset.MinValue, WakeAt = DateTimeOffset.MaxValue };
        var step = A.StepRun(run.Id, 1) with { NextAttemptAt = DateTimeOffset.MaxValue };

        await WriteAsync(run, step);

        await AssertSameAsync(run, await RunAsync(run.Id));
        await AssertSameAsync(step, Assert.Single(await StepRunsAsync(run.Id)));
    }
}
