using Fletcher.Model;

namespace Fletcher.Conformance;

public abstract partial class RunStoreConformance
{
    [Theory]
    [InlineData(FlowRunState.Waiting)]
    [InlineData(FlowRunState.Queued)]
    public async Task A_run_that_begins_to_wait_is_due_when_it_was_sent_something_that_it_has_not_seen(FlowRunState state)
    {
        var run = A.FlowRun("F");
        await WriteAsync(run);
        var seen = await SendAsync(A.Message(run.Id));
        await SendAsync(A.Message(run.Id));

        await WriteAsync(run with { State = state, LastMessage = seen.Number });

        Assert.Equal(Now, (await RunAsync(run.Id)).WakeAt);
        Assert.Equal(run.Id, Assert.Single(await ClaimDueAsync()).Run.Id);
    }

    [Theory]
    [InlineData(MessageKind.Signal, false)]
    [InlineData(MessageKind.Answer, false)]
    [InlineData(MessageKind.Pause, false)]
    [InlineData(MessageKind.Cancel, true)]
    [InlineData(MessageKind.Resume, true)]
    [InlineData(MessageKind.Retry, true)]
    public async Task A_run_that_waits_for_a_fix_is_woken_by_what_ends_that_wait(MessageKind kind, bool wakes)
    {
        var before = A.Parked(wakeAt: null) with { Error = Samples.Error };
        var beginning = A.FlowRun("F");
        await WriteAsync(before, beginning);

        await SendAsync(A.Message(before.Id, kind));
        await SendAsync(A.Message(beginning.Id, kind));
        await WriteAsync(beginning with { State = FlowRunState.Waiting, Error = Samples.Error });

        Assert.Equal(wakes ? Now : null, (await RunAsync(before.Id)).WakeAt);
        Assert.Equal(wakes ? Now : null, (await RunAsync(beginning.Id)).WakeAt);
    }

    [Fact]
    public async Task A_run_that_waits_while_it_is_undone_is_woken_by_anything()
    {
        var run = A.Parked(wakeAt: null) with { Error = Samples.Error, Undoing = A.Undoing };
        await WriteAsync(run);

        await SendAsync(A.Message(run.Id));

        Assert.Equal(Now, (await RunAsync(run.Id)).WakeAt);
    }

    [Fact]
    public async Task A_run_that_has_seen_everything_waits()
    {
        var run = A.FlowRun("F");
        var other = A.FlowRun("F");
        await WriteAsync(run, other);
        var seen = await SendAsync(A.Message(run.Id));
        await SendAsync(A.Message(other.Id));

        var parked = run with { State = FlowRunState.Waiting, LastMessage = seen.Number };
        await WriteAsync(parked);

        await AssertSameAsync(parked, await RunAsync(run.Id));
    }

    [Fact]
    public async Task A_run_that_is_due_earlier_than_now_stays_so()
    {
        var run = A.FlowRun("F");
        await WriteAsync(run);
        await SendAsync(A.Message(run.Id));

        await WriteAsync(run with { State = FlowRunState.Waiting, WakeAt = Now.AddMinutes(-1) });
        Assert.Equal(Now.AddMinutes(-1), (await RunAsync(run.Id)).WakeAt);

        await WriteAsync(run with { State = FlowRunState.Waiting, WakeAt = Now.AddMinutes(1) });
        Assert.Equal(Now, (await RunAsync(run.Id)).WakeAt);
    }

    [Fact]
    public async Task A_root_is_due_when_its_sub_flow_was_sent_something()
    {
        var root = A.FlowRun("F");
        var sub = A.SubFlow(root);
        await WriteAsync(root, sub);
        await SendAsync(A.Message(sub.Id));

        var parkedSub = sub with { State = FlowRunState.Waiting };
        await WriteAsync(root with { State = FlowRunState.Waiting }, parkedSub);

        Assert.Equal(Now, (await RunAsync(root.Id)).WakeAt);
        await AssertSameAsync(parkedSub, await RunAsync(sub.Id));
    }

    [Fact]
    public async Task A_run_that_does_not_wait_without_a_host_is_written_as_it_is()
    {
        var host = Guid.CreateVersion7();
        var run = A.FlowRun("F");
        await WriteAsync(run);
        await SendAsync(A.Message(run.Id));

        foreach (var state in Enum.GetValues<FlowRunState>())
        {
            var hosted = run with { State = state, HostId = host, WakeAt = null };
            await WriteAsync(hosted);
            await AssertSameAsync(hosted, await RunAsync(run.Id));
        }

        foreach (var state in Enum.GetValues<FlowRunState>().Except([FlowRunState.Waiting, FlowRunState.Queued]))
        {
            var unhosted = run with { State = state, HostId = null, WakeAt = Now.AddDays(1) };
            await WriteAsync(unhosted);
            await AssertSameAsync(unhosted, await RunAsync(run.Id));
        }
    }

    [Fact]
    public async Task Within_a_batch_the_last_record_of_a_run_says_whether_it_waits()
    {
        var run = A.FlowRun("F");
        await WriteAsync(run);
        await SendAsync(A.Message(run.Id));
        var parked = run with { State = FlowRunState.Waiting };
        var running = run with { Name = "last", HostId = Guid.CreateVersion7() };

        await WriteAsync(parked, running);
        await AssertSameAsync(running, await RunAsync(run.Id));

        await WriteAsync(running, parked);
        await AssertSameAsync(parked with { WakeAt = Now }, await RunAsync(run.Id));
    }
}
