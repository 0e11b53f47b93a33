using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Engine.Tests.Waits;

/// <summary>FletcherClient.CancelAsync, wherever the run is when it comes.</summary>
public sealed class CancelTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_running_step_gets_its_token_and_the_run_ends_as_cancelled(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = Begin(scene, () => Work.Endless());
        await Work.Began.Task.WithinLimit();

        await scene.Client.As("ada").CancelAsync((await scene.Run()).Id, "wrong month", Cancellation);

        var error = await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.EndsWith("ended Cancelled: cancelled by ada: wrong month.", error.Message, StringComparison.Ordinal);
        var ended = await scene.Run();
        Assert.Equal((FlowRunState.Cancelled, "cancelled by ada: wrong month"), (ended.State, ended.Reason));
        var step = Assert.Single(await scene.StepRuns());
        Assert.Equal((StepRunState.Cancelled, "cancelled by ada: wrong month"), (step.State, step.Reason));
        Assert.Equal(
            [FlowRunState.Running, FlowRunState.Cancelling, FlowRunState.Cancelled], scene.Host.Seen.Runs.Select(run => run.State).Distinct());
        Assert.Empty(await (await scene.Store()).GetUntakenAsync(ended.Id, Cancellation));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_process_cancels_a_running_run(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = Begin(scene, () => Work.Endless());
        await Work.Began.Task.WithinLimit();
        await using var other = new TestHost(scene.NewStore(), scene.Time);
        await other.Host.OpenAsync(Cancellation);

        await other.Host.Client.As("ada").CancelAsync((await scene.Run()).Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Equal("cancelled by ada", (await scene.Run()).Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_parked_run_is_executed_up_to_its_wait_so_that_its_code_cleans_up(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = Begin(scene, () => Work.CleansUp());
        var parked = await scene.Parked();
        Assert.Equal(["one"], Work.Script.Lines);

        await scene.Client.CancelAsync(parked.Id, cancellationToken: Cancellation);

        // 'one' is remembered; a step that cleans up does not begin, as nothing does under a cancelled run; code does.
        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Equal(["one", "cleanup refused", "finally"], Work.Script.Lines);
        Assert.Equal(FlowRunState.Cancelled, (await scene.Run()).State);
        Assert.Equal([StepRunState.Completed, StepRunState.Cancelled], (await scene.StepRuns()).Select(step => step.State));
    }

    [Fact]
    public async Task A_wait_that_is_over_at_the_same_time_begins_nothing_more()
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.CleansUp());
        var parked = await scene.Parked();

        // In one message page: the run is executed with both.
        await using var other = scene.NewStore();
        var client = new FletcherClient(other, "ada", time: scene.Time);
        scene.Time.Advance(TimeSpan.FromDays(1));
        await client.CancelAsync(parked.Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.DoesNotContain("two", Work.Script.Lines);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_never_began_ends_without_its_code(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var host = scene.NewHost();
        Work.Start();
        await host.Host.OpenAsync(Cancellation);
        await host.Host.Client.PauseFlowAsync(Work.Name(nameof(Work.Speaks)), cancellationToken: Cancellation);
        var run = host.Run(() => Work.Speaks());
        var queued = await scene.Until(run => run.State == FlowRunState.Queued);

        await host.Host.Client.As("ada").CancelAsync(queued.Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Empty(Work.Script.Lines);
        Assert.Equal((FlowRunState.Cancelled, "cancelled by ada"), ((await scene.Run()).State, (await scene.Run()).Reason));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_step_that_waits_for_its_retry_stops(bool isParked)
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.Retries(), options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(1));
        var waiting = isParked ? await scene.Parked() : await scene.Steps(StepRunState.Retrying);

        await scene.Client.CancelAsync(waiting.Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        var step = Assert.Single(await scene.StepRuns());
        Assert.Equal((StepRunState.Cancelled, 1), (step.State, step.Attempt));
        Assert.Equal(FlowRunState.Cancelled, (await scene.Run()).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_flow_that_waits_for_its_retry_stops(bool isParked)
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.FlowRetries(), options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(1));
        var waiting = isParked ? await scene.Parked() : await scene.Until(run => run.State == FlowRunState.Waiting);

        await scene.Client.CancelAsync(waiting.Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Equal(FlowRunState.Cancelled, (await scene.Run()).State);
        Assert.Equal(["body"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_run_that_is_told_to_stop_never_completes_although_its_last_step_does()
    {
        await using var scene = new Scene();
        Work.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = Begin(scene, () => Work.Deaf());
        await Work.Began.Task.WithinLimit();
        var id = (await scene.Run()).Id;
        await scene.Client.CancelAsync(id, cancellationToken: Cancellation);
        await scene.Until(run => run.State == FlowRunState.Cancelling);

        Work.Gate.SetResult();

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Equal(FlowRunState.Cancelled, (await scene.Run()).State);
        Assert.Equal(StepRunState.Completed, Assert.Single(await scene.StepRuns()).State);
        Assert.DoesNotContain(scene.Host.Seen.Runs, run => run.State == FlowRunState.Completed);
    }

    [Fact]
    public async Task A_step_that_waits_for_its_commit_when_the_run_is_told_to_stop_does_not_begin()
    {
        await using var scene = new Scene();
        Work.Start();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var store = (SurvivingStore)scene.NewStore();
        store.HoldWrite = batch =>
        {
            if (!batch.StepRuns.Exists(step => step.State == StepRunState.Completed))
                return Task.CompletedTask;
            held.TrySetResult();
            return goOn.Task;
        };
        var host = scene.NewHost(store);
        var run = host.Run(() => Work.OneTwo());
        await held.Task.WithinLimit();

        await host.Host.Client.CancelAsync((await scene.Run()).Id, cancellationToken: Cancellation);
        await scene.Until(() => host.Seen.IsAny(run => run.State == FlowRunState.Cancelling));
        goOn.SetResult();

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Equal(["one"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_flow_that_catches_the_cancellation_is_cancelled_all_the_same()
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.Swallows());
        await Work.Began.Task.WithinLimit();

        await scene.Client.CancelAsync((await scene.Run()).Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Equal(FlowRunState.Cancelled, (await scene.Run()).State);
    }

    [Fact]
    public async Task A_step_that_ignores_its_token_is_left_behind_and_what_it_comes_to_is_not_kept()
    {
        await using var scene = new Scene();
        Work.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = Begin(scene, () => Work.Deaf(), options => options.CancelGrace = TimeSpan.FromMilliseconds(50));
        await Work.Began.Task.WithinLimit();

        await scene.Client.As("ada").CancelAsync((await scene.Run()).Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Equal(FlowRunState.Cancelled, (await scene.Run()).State);
        var left = Assert.Single(await scene.StepRuns());
        Assert.Equal(
            (StepRunState.Cancelled, "cancelled by ada; its code did not heed the cancellation token and still runs"), (left.State, left.Reason));
        Assert.True(scene.Host.Host.LeakCount > 0);
        Assert.Contains(scene.Host.Seen.Notes, note => note.Contains("does not heed its cancellation token", StringComparison.Ordinal));

        Work.Gate.SetResult();
        await scene.Until(() => scene.Host.Host.LeakCount == 0);
        await scene.Host.Host.FlushAsync();
        Assert.Equal(StepRunState.Cancelled, Assert.Single(await scene.StepRuns()).State);
        Assert.DoesNotContain(scene.Host.Seen.StepRuns, step => step.State == StepRunState.Completed);
    }

    [Fact]
    public async Task A_fan_out_of_a_thousand_stops_and_begins_no_more()
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.Fans(2000));
        await scene.Until(() => Work.Script.Lines.Count == 1000);

        await scene.Client.CancelAsync((await scene.Run()).Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        var steps = await scene.StepRuns();
        Assert.Equal(1000, Work.Script.Lines.Count);
        Assert.Equal(1000, steps.Count);
        Assert.All(steps, step => Assert.Equal(StepRunState.Cancelled, step.State));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sub_flows_stop_with_the_run(bool isParked)
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => isParked ? Work.CallsWaiter() : Work.CallsEndless());
        if (isParked)
            await scene.Parked("CallsWaiter");
        else
            await Work.Began.Task.WithinLimit();

        await scene.Client.CancelAsync((await scene.Runs()).Single(run => run.ParentRunId is null).Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        var runs = await scene.Runs();
        Assert.Equal(2, runs.Count);
        Assert.All(runs, run => Assert.Equal(FlowRunState.Cancelled, run.State));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sub_flow_is_cancelled_alone_and_its_caller_is_told_by_whom(bool isParked)
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.Tries(), options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(1));
        await scene.Steps(StepRunState.Waiting, 1, "Waits");
        if (isParked)
            await scene.Parked("Tries");

        await scene.Client.As("ada").CancelAsync((await scene.RunOf("Waits")).Id, cancellationToken: Cancellation);

        Assert.EndsWith("ended Cancelled: cancelled by ada.", await run, StringComparison.Ordinal);
        Assert.Equal(FlowRunState.Cancelled, (await scene.RunOf("Waits")).State);
        var caller = await scene.RunOf("Tries");
        Assert.Equal(FlowRunState.Completed, caller.State);
        Assert.Empty(await (await scene.Store()).GetUntakenAsync(caller.Id, Cancellation));
    }

    [Fact]
    public async Task A_sub_flow_that_somebody_cancelled_is_not_called_again_by_a_retry()
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.RetriesWaiter());
        await scene.Parked("RetriesWaiter");

        await scene.Client.CancelAsync((await scene.RunOf("Waits")).Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Equal(FlowRunState.Failed, (await scene.RunOf("RetriesWaiter")).State);
        Assert.Equal(["body", "body"], Work.Script.Lines); // the first time, and when it was woken
    }

    [Fact]
    public async Task To_cancel_twice_is_to_cancel_once()
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.CleansUp());
        var parked = await scene.Parked();
        await using var other = scene.NewStore();

        await new FletcherClient(other, "ada", time: scene.Time).CancelAsync(parked.Id, cancellationToken: Cancellation);
        await new FletcherClient(other, "bob", time: scene.Time).CancelAsync(parked.Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Single(Work.Script.Lines, "finally");
        Assert.DoesNotContain("cancelled by bob", await scene.Ledger(parked.Id));
        Assert.Empty(await (await scene.Store()).GetUntakenAsync(parked.Id, Cancellation));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_has_ended_cannot_be_cancelled(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        await Begin(scene, () => Work.Speaks());

        var error = await Assert.ThrowsAsync<FletcherUsageException>(async () =>
            await scene.Client.CancelAsync((await scene.Run()).Id, cancellationToken: Cancellation));

        Assert.Equal("FLT1503", error.Id);
    }

    [Fact]
    public async Task A_cancel_that_came_too_late_does_not_stop_the_retry()
    {
        await using var scene = new Scene();
        var host = await scene.NewServer();
        Work.Start();
        Work.Fails = true;
        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.MayFail()));
        var failed = await scene.Run();

        // Sent just before the end, and seen by nobody: made here by hand, in the order in which it happens.
        var store = await scene.Store();
        await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken);
        await store.WriteAsync(new() { FlowRuns = { failed with { State = FlowRunState.Running, HostId = null } } }, Cancellation);
        await new FletcherClient(store, "ada", time: scene.Time).CancelAsync(failed.Id, cancellationToken: Cancellation);
        await store.WriteAsync(new() { FlowRuns = { failed } }, Cancellation);
        Work.Fails = false;
        await new FletcherClient(store, "bob", time: scene.Time).RetryAsync(failed.Id, cancellationToken: Cancellation);
        await scene.NewServer();

        await scene.Until(run => run.State == FlowRunState.Completed);
        Assert.Empty(await store.GetUntakenAsync(failed.Id, Cancellation));
    }

    private static Task<T> Begin<T>(Scene scene, Func<Task<T>> flow, Action<FletcherOptions>? configure = null)
    {
        Work.Start();
        return scene.NewHost(configure).Run(flow);
    }

    private static Task Begin(Scene scene, Func<Task> flow, Action<FletcherOptions>? configure = null)
    {
        Work.Start();
        return scene.NewHost(configure).Run(flow);
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static TaskCompletionSource Began { get; private set; } = new();

        internal static TaskCompletionSource Gate { get; set; } = new();

        internal static bool Fails { get; set; }

        internal static void Start()
        {
            Script.Clear();
            Began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        internal static string Name(string method) => $"CancelTests.Work.{method}";

        [Flow]
        internal static async Task Endless() => await Forever();

        [Flow]
        internal static async Task Speaks()
        {
            Script.Say("begun");
            await Say("spoken");
        }

        [Flow]
        internal static async Task OneTwo()
        {
            await Say("one");
            await Say("two");
        }

        [Flow]
        internal static async Task MayFail()
        {
            await Task.Yield();
            if (Fails)
                throw new IOException("disk");
        }

        [Flow]
        internal static async Task CleansUp()
        {
            try
            {
                await Say("one");
                await Flow.Sleep(TimeSpan.FromDays(1));
                await Say("two");
            }
            catch (OperationCanceledException)
            {
                try
                {
                    await Say("cleanup");
                }
                catch (OperationCanceledException)
                {
                    Script.Say("cleanup refused");
                }

                throw;
            }
            finally
            {
                Script.Say("finally");
            }
        }

        [Flow]
        internal static async Task Retries() => await Fail();

        [Flow(Retries = 3, Backoff = "1h")]
        internal static async Task FlowRetries()
        {
            await Task.Yield();
            Script.Say("body");
            throw new IOException("disk");
        }

        [Flow]
        internal static async Task Deaf() => await Unheeding();

        [Flow]
        internal static async Task Swallows()
        {
            try
            {
                await Forever();
            }
            catch (OperationCanceledException)
            {
                Script.Say("swallowed");
            }
        }

        [Flow]
        internal static async Task Fans(int count) => await Flow.Map(Enumerable.Range(0, count), Item, maxConcurrency: 1000);

        [Flow]
        internal static async Task CallsEndless() => await Endless();

        [Flow]
        internal static async Task Waits() => await Flow.WaitFor("never");

        [Flow]
        internal static async Task CallsWaiter() => await Waits();

        [Flow(Retries = 3)]
        internal static async Task RetriesWaiter()
        {
            Script.Say("body");
            await Waits();
        }

        [Flow]
        internal static async Task<string> Tries()
        {
            var inner = await Flow.Try(() => Waits());
            await Say("after");
            return inner.Error!.Message;
        }

        [Step]
        internal static async Task<int> Item(int item, CancellationToken ct = default)
        {
            Script.Say($"item {item}");
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            return item;
        }

        [Step]
        internal static async Task Forever(CancellationToken ct = default)
        {
            Began.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
        }

        [Step]
        internal static async Task Unheeding()
        {
            Began.TrySetResult();
            await Gate.Task;
        }

        [Step(Retries = 3, Backoff = "1h")]
        internal static Task Fail() => throw new IOException("disk");

        [Step]
        internal static async Task Say(string line)
        {
            await Task.Yield();
            Script.Say(line);
        }
    }
}
