using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Engine.Tests.Waits;

/// <summary>A host that stops hands its runs over, and another one goes on with what they remember.</summary>
public sealed class HandOverTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_step_that_stops_in_time_is_done_again_elsewhere(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var (host, lost) = await BeginAsync(scene, () => Work.OneTwo());

        await host.Host.StopAsync("deploy", Cancellation).WithinLimit();

        var error = await Assert.ThrowsAsync<RunHandedOverException>(() => lost);
        var left = await scene.Run();
        Assert.Contains($"{left.Id}", error.Message, StringComparison.Ordinal);
        Assert.Equal((FlowRunState.Queued, "deploy", null), (left.State, left.Reason, left.HostId));
        Assert.Equal(["one", "two"], Work.Script.Lines);

        await NextAsync(scene);
        await scene.Until(run => run.State == FlowRunState.Completed);
        Assert.Equal(["one", "two", "two"], Work.Script.Lines);
        Assert.Equal(0, (await scene.Run()).Crashes);
    }

    [Fact]
    public async Task A_step_that_ignores_its_token_is_left_behind_after_the_grace()
    {
        await using var scene = new Scene();
        var (host, lost) = await BeginAsync(scene, () => Work.Deaf(), options => options.ShutdownGrace = TimeSpan.FromMilliseconds(50));

        await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit();

        await Assert.ThrowsAsync<RunHandedOverException>(() => lost);
        Assert.Equal(FlowRunState.Queued, (await scene.Run()).State);
        Assert.Contains(host.Seen.Notes, note => note.Contains("did not stop within", StringComparison.Ordinal));

        // What it comes to now is nobody's: the run has another owner.
        var next = await NextAsync(scene);
        Work.Gate.SetResult();
        await scene.Until(run => run.State == FlowRunState.Completed);
        Assert.Equal(2, (await scene.Run()).Fence);
        Assert.Equal(next.Host.Id, Assert.Single(next.Seen.Runs.Where(run => run.State == FlowRunState.Running).Select(run => run.HostId).Distinct()));
    }

    [Fact]
    public async Task A_step_that_must_run_at_most_once_and_is_interrupted_is_unknown()
    {
        await using var scene = new Scene();
        var (host, lost) = await BeginAsync(scene, () => Work.Charges());
        await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit();
        await Assert.ThrowsAsync<RunHandedOverException>(() => lost);

        await NextAsync(scene);

        var failed = await scene.Until(run => run.State == FlowRunState.Failed);
        Assert.Equal("Fletcher.StepUnknownException", failed.Error!.Type);
        Assert.Equal(StepRunState.Unknown, Assert.Single(await scene.StepRuns()).State);
        Assert.Equal(1, Work.Script.Count("charge"));
    }

    [Fact]
    public async Task A_step_that_finishes_in_the_grace_is_not_done_again()
    {
        await using var scene = new Scene();
        var (host, lost) = await BeginAsync(scene, () => Work.Deaf());
        var stopping = host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken);

        Work.Gate.SetResult();

        await stopping.WithinLimit();
        await lost.ContinueWith(done => done.Exception, TaskScheduler.Default);
        if ((await scene.Run()).State != FlowRunState.Completed)
        {
            await NextAsync(scene);
            await scene.Until(run => run.State == FlowRunState.Completed);
        }

        Assert.Equal(1, Work.Script.Count("unheeding"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_waits_is_handed_over_as_it_is(bool isParked)
    {
        await using var scene = new Scene();
        Work.Start();
        var host = scene.NewHost(options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(9));
        var lost = host.Run(() => Work.Waits());
        var waiting = isParked ? await scene.Parked() : await scene.Steps(StepRunState.Waiting);

        await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit();

        await Assert.ThrowsAsync<RunHandedOverException>(() => lost);
        await scene.NewServer();
        await scene.Client.SignalAsync(waiting.Id, "s", 7, cancellationToken: Cancellation);
        await scene.Until(run => run.State == FlowRunState.Completed);
        Assert.Equal(["before"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_fan_out_goes_on_with_the_items_that_are_left()
    {
        await using var scene = new Scene(sqlite: true);
        Work.Start();
        var host = scene.NewHost();
        var lost = host.Run(() => Work.Fans(50));
        await scene.Until(() => Work.Script.Lines.Count > 0 && scene.Host.Host.Executions.Count == 1);

        await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit();
        await Assert.ThrowsAsync<RunHandedOverException>(() => lost);
        await NextAsync(scene);

        var done = await scene.Until(run => run.State == FlowRunState.Completed);
        Assert.Equal(50, (await scene.StepRuns(done.Id)).Count);
        Assert.All(Enumerable.Range(0, 50), i => Assert.Equal(1, Work.Script.Count($"item {i}")));
    }

    [Fact]
    public async Task A_sub_flow_goes_on_with_its_caller()
    {
        await using var scene = new Scene(sqlite: true);
        var (host, lost) = await BeginAsync(scene, () => Work.Calls());

        await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit();
        await Assert.ThrowsAsync<RunHandedOverException>(() => lost);
        Assert.All(await scene.Runs(), run => Assert.Equal((FlowRunState.Queued, null), (run.State, run.HostId)));
        await NextAsync(scene);

        await scene.Until(run => run.State == FlowRunState.Completed, "Calls");
        Assert.Equal(["one", "two", "two"], Work.Script.Lines);
        Assert.Equal(2, (await scene.Runs()).Count);
    }

    [Fact]
    public async Task Steps_inside_a_step_do_not_hold_the_host()
    {
        await using var scene = new Scene();
        var (host, lost) = await BeginAsync(scene, () => Work.Nested());

        await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit();

        // The step around was told by the one inside it, and stopped: nobody waited for the grace of 20 s.
        await Assert.ThrowsAsync<RunHandedOverException>(() => lost);
        Assert.Empty(host.Seen.Notes);
        Assert.DoesNotContain(await scene.StepRuns(), step => step.State == StepRunState.Cancelled);
        await NextAsync(scene);
        await scene.Until(run => run.State == FlowRunState.Completed);
    }

    [Fact]
    public async Task A_sleep_inside_a_step_does_not_hold_the_host()
    {
        await using var scene = new Scene();
        Work.Start();
        var host = scene.NewHost();
        var lost = host.Run(() => Work.SleepsInside());
        await scene.Steps(StepRunState.Waiting);

        await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit();

        await Assert.ThrowsAsync<RunHandedOverException>(() => lost);
        Assert.Empty(host.Seen.Notes);
        await scene.NewServer();
        scene.Time.Advance(TimeSpan.FromDays(1));
        await scene.Until(run => run.State == FlowRunState.Completed);
    }

    [Fact]
    public async Task A_started_run_is_handed_over_too()
    {
        await using var scene = new Scene();
        var (host, started) = await BeginAsync(scene, () => Work.StartsAsync());
        var handle = await started;

        await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit();

        await Assert.ThrowsAsync<RunHandedOverException>(() => handle.Completion.WithinLimit());
        Assert.Equal(FlowRunState.Queued, (await scene.RunOf("OneTwo")).State);
    }

    [Fact]
    public async Task A_call_that_waits_for_a_run_of_another_host_is_let_go()
    {
        await using var scene = new Scene();
        var (first, run) = await BeginAsync(scene, () => Work.Once("k"));
        var second = scene.NewHost();
        var waiting = second.Run(() => Work.Once("k"));
        await scene.Until(() => second.Seen.Notes.Count == 1);

        await second.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit();
        await scene.Until(() =>
        {
            scene.Time.Advance(TimeSpan.FromSeconds(1)); // how long it waits between two looks; again, as it may be about to begin
            return waiting.IsCompleted;
        });

        await Assert.ThrowsAsync<RunHandedOverException>(() => waiting);
        await first.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit();
        await Assert.ThrowsAsync<RunHandedOverException>(() => run);
    }

    [Fact]
    public async Task To_stop_at_the_moment_of_parking_leaves_no_call_behind()
    {
        for (var round = 0; round < 25; round++)
        {
            await using var scene = new Scene();
            Work.Start();
            var host = scene.NewHost();
            var run = host.Run(() => Work.Waits());
            await scene.Steps(StepRunState.Waiting);
            var parking = Task.Run(host.Host.Pulse.Beat, Cancellation);

            await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit();

            await Assert.ThrowsAsync<RunHandedOverException>(() => run);
            await parking;
            Assert.Null((await scene.Run()).HostId);
        }
    }

    private static async Task<(TestHost Host, Task<T> Run)> BeginAsync<T>(
        Scene scene, Func<Task<T>> flow, Action<FletcherOptions>? configure = null)
    {
        Work.Start();
        var host = scene.NewHost(configure);
        var run = host.Run(flow);
        await Work.Began.Task.WithinLimit();
        return (host, run);
    }

    /// <summary>Another host, on which nothing blocks.</summary>
    private static Task<TestHost> NextAsync(Scene scene)
    {
        Work.Blocks = false;
        return scene.NewServer();
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static TaskCompletionSource Began { get; private set; } = new();

        internal static TaskCompletionSource Gate { get; private set; } = new();

        internal static bool Blocks { get; set; }

        internal static void Start()
        {
            Script.Clear();
            Blocks = true;
            Began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        [Flow]
        internal static async Task<string> OneTwo()
        {
            await Say("one");
            await Two();
            return "done";
        }

        [Flow(Once = "{key}")]
        internal static async Task<string> Once(string key)
        {
            await Two();
            return key;
        }

        [Flow]
        internal static async Task<string> Deaf()
        {
            await Unheeding();
            return "done";
        }

        [Flow]
        internal static async Task<string> Charges()
        {
            await Charge();
            return "done";
        }

        [Flow]
        internal static async Task<int> Waits()
        {
            await Say("before");
            return await Flow.WaitFor<int>("s");
        }

        [Flow]
        internal static async Task Fans(int count) => await Flow.Map(Enumerable.Range(0, count), Item, maxConcurrency: 20);

        [Flow]
        internal static async Task<string> Calls() => await OneTwo();

        [Flow]
        internal static async Task<string> Nested()
        {
            await Outer();
            return "done";
        }

        [Flow]
        internal static async Task<string> SleepsInside()
        {
            await Sleepy();
            return "done";
        }

        internal static FlowRunHandle<string>? Started { get; private set; }

        [Flow]
        internal static async Task Starts() => Started = await Flow.Start(() => OneTwo());

        internal static async Task<FlowRunHandle<string>> StartsAsync()
        {
            await Starts();
            return Started!;
        }

        [Step]
        internal static async Task Outer() => await Two();

        [Step]
        internal static async Task Sleepy() => await Flow.Sleep(TimeSpan.FromHours(1));

        [Step]
        internal static async Task<int> Item(int item, CancellationToken ct = default)
        {
            if (Blocks && item < 40 && item % 2 == 1)
                await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            Script.Say($"item {item}");
            return item;
        }

        [Step]
        internal static async Task Two(CancellationToken ct = default)
        {
            Script.Say("two");
            Began.TrySetResult();
            if (Blocks)
                await Task.Delay(Timeout.InfiniteTimeSpan, ct);
        }

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static async Task Charge(CancellationToken ct = default)
        {
            Script.Say("charge");
            Began.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
        }

        [Step]
        internal static async Task Unheeding()
        {
            Began.TrySetResult();
            await Gate.Task;
            Script.Say("unheeding");
        }

        [Step]
        internal static async Task Say(string line)
        {
            await Task.Yield();
            Script.Say(line);
        }
    }
}
