using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>Flows that are called or started inside a flow.</summary>
public sealed class SubFlowTests
{
    [Fact]
    public async Task A_flow_called_in_a_flow_is_a_run_of_its_own_with_a_link_to_its_caller()
    {
        await using var host = TestHost.InMemory();
        Work.Start();

        Assert.Equal(3, await host.Run(() => Work.Parent()));

        var runs = await host.Runs();
        var parent = runs.Single(r => r.ParentRunId is null);
        var child = runs.Single(r => r.ParentRunId is not null);
        Assert.Equal((parent.Id, parent.Id, 1), (child.ParentRunId!.Value, child.RootRunId, child.ParentSequence));
        var step = Assert.Single(await host.Steps(parent.Id));
        Assert.Equal((StepRunState.Completed, child.Id), (step.State, step.ChildRunId!.Value));
    }

    [Fact]
    public async Task A_failing_sub_flow_fails_its_caller_with_the_same_cause()
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        Work.Fails = true;

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Parent()));

        var runs = await host.Runs();
        var child = runs.Single(r => r.ParentRunId is not null);
        var failed = (await host.Steps(child.Id)).Single(s => s.State == StepRunState.Failed);
        Assert.All(runs, r => Assert.Equal((child.Id, failed.Sequence), (r.Error!.CauseRunId!.Value, r.Error.CauseSequence)));
    }

    [Fact]
    public async Task A_retry_of_the_caller_continues_the_sub_flow_that_failed()
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        Work.FailuresLeft = 1;

        Assert.Equal(3, await host.Run(() => Work.RetryingParent()));

        Assert.Equal(["one", "two", "two"], Work.Script.Lines);
        Assert.All(await host.Runs(), r => Assert.Equal((FlowRunState.Completed, 2), (r.State, r.Attempt)));
    }

    [Fact]
    public async Task A_sub_flow_is_cancelled_with_its_caller()
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        using var caller = new CancellationTokenSource();
        Work.Inside = () => caller.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Run(() => Work.StoppedParent(caller.Token)));

        Assert.All(await host.Runs(), r => Assert.Equal(FlowRunState.Cancelled, r.State));
    }

    [Fact]
    public async Task A_started_flow_is_a_run_of_its_own_that_its_starter_does_not_wait_for()
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        Work.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var id = await host.Run(() => Work.Starter());

        var started = (await host.Runs()).Single(r => r.Id.ToString() == id);
        Assert.Equal(FlowRunState.Running, started.State);
        Work.Hold.SetResult();
        await host.Host.WaitForRunsAsync(TestContext.Current.CancellationToken);
        Assert.All(await host.Runs(), r => Assert.Equal(FlowRunState.Completed, r.State));
    }

    [Fact]
    public async Task A_starter_that_is_executed_again_finds_the_run_it_started()
    {
        await using var host = TestHost.InMemory();
        Work.Start();

        Assert.Equal(3, await host.Run(() => Work.RetriedStarter()));

        Assert.Equal(2, (await host.Runs()).Count);
        Assert.Equal(["one", "two"], Work.Script.Lines);
    }

    [Fact]
    public async Task Starting_no_flow_or_two_is_an_error()
    {
        await using var host = TestHost.InMemory();
        Work.Start();

        Assert.Equal("FLT1210", (await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Work.StartsNothing()))).Id);
        Assert.Equal("FLT1209", (await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Work.StartsTwo()))).Id);
        await host.Host.WaitForRunsAsync(TestContext.Current.CancellationToken);
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static bool Fails { get; set; }

        internal static int FailuresLeft { get; set; }

        internal static Action? Inside { get; set; }

        internal static TaskCompletionSource? Hold { get; set; }

        internal static void Start()
        {
            Script.Clear();
            (Fails, FailuresLeft, Inside, Hold) = (false, 0, null, null);
        }

        [Flow]
        internal static async Task<int> Parent() => await Child(1);

        [Flow(Retries = 1)]
        internal static async Task<int> RetryingParent() => await Child(1);

        [Flow]
        internal static async Task<int> StoppedParent(CancellationToken ct) => await Child(1);

        [Flow]
        internal static async Task<int> Child(int n) => await One(n) + await Two(n + 1);

        [Flow]
        internal static async Task<string> Starter() => (await Flow.Start(() => Child(1))).Id.ToString();

        [Flow(Retries = 1)]
        internal static async Task<int> RetriedStarter()
        {
            var started = await Flow.Start(() => Child(1));
            var result = await started.Completion;
            return Flow.Current.FlowAttempt == 1 ? throw new IOException() : result;
        }

        [Flow]
        internal static async Task StartsNothing() => await Flow.Start(() => Task.FromResult(1));

        [Flow]
        internal static async Task StartsTwo()
        {
            var started = await Flow.Start(() => Task.WhenAll(Child(1), Child(5)));
            await started.Completion;
        }

        [Step]
        internal static async Task<int> One(int n)
        {
            await Task.Yield();
            Inside?.Invoke();
            if (Hold is { } hold)
                await hold.Task;
            Script.Say("one");
            return n;
        }

        [Step]
        internal static async Task<int> Two(int n)
        {
            await Task.Yield();
            Script.Say("two");
            return Fails || FailuresLeft-- > 0 ? throw new IOException() : n;
        }
    }
}
