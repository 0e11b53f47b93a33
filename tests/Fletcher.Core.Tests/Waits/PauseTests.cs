using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Engine.Tests.Waits;

/// <summary>Pausing and resuming runs and flows.</summary>
public sealed class PauseTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_paused_run_ends_the_step_that_runs_and_begins_no_other_until_it_is_resumed(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = Begin(scene, () => Work.OneTwo());
        await Work.Began.Task.WithinLimit();
        var id = (await scene.Run()).Id;
        await scene.Client.As("ada").PauseAsync(id, "let me look", Cancellation);
        await Work.Paused(scene);

        Work.Gate.SetResult();
        var paused = await scene.Parked();
        Assert.Equal("paused by ada: let me look", paused.Reason);
        Assert.Null(paused.WakeAt);
        Assert.Equal(["one"], Work.Script.Lines);

        await scene.Client.As("bob").ResumeAsync(id, cancellationToken: Cancellation);

        Assert.Equal("done", await run);
        Assert.Equal(["one", "two"], Work.Script.Lines);
        Assert.Contains("resumed by bob", await scene.Ledger(id));
        Assert.Empty(await (await scene.Store()).GetUntakenAsync(id, Cancellation));
    }

    [Fact]
    public async Task A_run_that_is_resumed_before_it_was_parked_goes_on_where_it_is()
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.OneTwo());
        await Work.Began.Task.WithinLimit();
        var id = (await scene.Run()).Id;
        await scene.Client.PauseAsync(id, cancellationToken: Cancellation);
        await Work.Paused(scene);
        await scene.Client.ResumeAsync(id, cancellationToken: Cancellation);
        await scene.Until(() => scene.Host.Host.LastMessage == 2);

        Work.Gate.SetResult();

        Assert.Equal("done", await run);
        Assert.Equal(1, (await scene.Run()).Attempt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signal_to_a_paused_run_waits_with_it(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = Begin(scene, () => Work.Waits());
        var waiting = await scene.Parked();
        await scene.Client.PauseAsync(waiting.Id, cancellationToken: Cancellation);
        await scene.Until(run => run is { HostId: null, Attempt: 2, WakeAt: null } && run.Reason!.StartsWith("paused by", StringComparison.Ordinal));

        await scene.Client.SignalAsync(waiting.Id, "s", 7, cancellationToken: Cancellation);
        await scene.Until(run => run is { HostId: null, Attempt: 3, WakeAt: null } && run.Reason!.StartsWith("paused by", StringComparison.Ordinal));
        Assert.Empty(Work.Script.Lines);

        await scene.Client.ResumeAsync(waiting.Id, cancellationToken: Cancellation);
        Assert.Equal("7", await run);
        Assert.Equal(["two"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_sleep_of_a_paused_run_that_ended_meanwhile_is_over_when_it_is_resumed()
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.Sleeps());
        var waiting = await scene.Parked();
        await scene.Client.PauseAsync(waiting.Id, cancellationToken: Cancellation);
        await scene.Until(run => run is { HostId: null, WakeAt: null });
        scene.Time.Advance(TimeSpan.FromDays(30));
        Assert.Empty(Work.Script.Lines);

        await scene.Client.ResumeAsync(waiting.Id, cancellationToken: Cancellation);

        await run;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_paused_run_can_be_cancelled(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = Begin(scene, () => Work.OneTwo());
        await Work.Began.Task.WithinLimit();
        var id = (await scene.Run()).Id;
        await scene.Client.PauseAsync(id, cancellationToken: Cancellation);
        await Work.Paused(scene);
        Work.Gate.SetResult();
        await scene.Parked();

        await scene.Client.As("ada").CancelAsync(id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Equal((FlowRunState.Cancelled, "cancelled by ada"), ((await scene.Run()).State, (await scene.Run()).Reason));
        Assert.Equal(["one"], Work.Script.Lines);
    }

    [Fact]
    public async Task To_end_a_pause_does_not_try_again_what_must_run_at_most_once_and_failed()
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.HandlesAFailure());
        var waiting = await scene.Parked();
        await scene.Client.PauseAsync(waiting.Id, cancellationToken: Cancellation);
        await scene.Until(run => run is { HostId: null, WakeAt: null });
        scene.Time.Advance(TimeSpan.FromDays(1));

        await scene.Client.ResumeAsync(waiting.Id, cancellationToken: Cancellation);

        Assert.Equal("not charged", await run);
        Assert.Equal(["charge"], Work.Script.Lines);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Runs_of_a_paused_flow_end_and_no_other_begins_until_it_is_resumed(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var first = Begin(scene, () => Work.OneTwo());
        await Work.Began.Task.WithinLimit();
        await scene.Client.As("ada").PauseFlowAsync(Work.Name(nameof(Work.OneTwo)), "deploy", Cancellation);
        Work.Gate.SetResult();
        Assert.Equal("done", await first);

        var second = scene.Host.Run(() => Work.OneTwo());
        var queued = await scene.Until(run => run.State == FlowRunState.Queued);
        Assert.Equal("the flow is paused by ada: deploy", queued.Reason);
        Assert.Equal(["one", "two"], Work.Script.Lines);

        Assert.True(await scene.Client.ResumeFlowAsync(Work.Name(nameof(Work.OneTwo)), Cancellation));
        Assert.Equal("done", await second);
        Assert.Equal(["one", "two", "one", "two"], Work.Script.Lines);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_signal_to_a_parked_run_of_a_paused_flow_is_taken_when_that_is_resumed(bool sqlite, bool isServed)
    {
        await using var scene = new Scene(sqlite);
        var run = await Park(scene, isServed);
        await scene.Client.PauseFlowAsync(Work.Name(nameof(Work.Waits)), cancellationToken: Cancellation);

        await scene.Client.SignalAsync(run.Id, "s", 7, cancellationToken: Cancellation);
        for (var beat = 0; beat < 5; beat++)
            await scene.Host.Host.Parked.BeatAsync();
        Assert.Equal((FlowRunState.Waiting, null), ((await scene.Run()).State, (await scene.Run()).HostId));

        await scene.Client.ResumeFlowAsync(Work.Name(nameof(Work.Waits)), Cancellation);
        await scene.Until(run => run.State == FlowRunState.Completed);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_parked_run_of_a_paused_flow_is_cancelled_without_a_wait_for_the_resume(bool sqlite, bool isServed)
    {
        await using var scene = new Scene(sqlite);
        var run = await Park(scene, isServed);
        await scene.Client.PauseFlowAsync(Work.Name(nameof(Work.Waits)), cancellationToken: Cancellation);

        await scene.Client.As("ada").CancelAsync(run.Id, cancellationToken: Cancellation);

        var ended = await scene.Until(run => run.State == FlowRunState.Cancelled);
        Assert.Equal("cancelled by ada", ended.Reason);
        Assert.Empty(Work.Script.Lines);
    }

    [Fact]
    public async Task A_run_that_is_paused_while_it_waits_for_its_retry_keeps_its_time()
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.Retries());
        var waiting = await scene.Parked();
        Assert.Equal(Scene.Start.AddHours(1), waiting.WakeAt);
        await scene.Client.PauseAsync(waiting.Id, cancellationToken: Cancellation);
        await scene.Until(run => run is { HostId: null, WakeAt: null });

        await scene.Client.ResumeAsync(waiting.Id, cancellationToken: Cancellation);
        Assert.Equal(Scene.Start.AddHours(1), (await scene.Until(run => run is { HostId: null, WakeAt: not null } && run.WakeAt > Scene.Start)).WakeAt);
        scene.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal("second", await run);
    }

    /// <summary>Has a run of a flow parked, for a call that waits for it, or for a host that takes it by itself.</summary>
    private static async Task<FlowRunRecord> Park(Scene scene, bool isServed)
    {
        Work.Start();
        if (!isServed)
        {
            _ = scene.NewHost().Run(() => Work.Waits()).ContinueWith(done => done.Exception, TaskScheduler.Default);
            return await scene.Parked();
        }

        var first = scene.NewHost();
        var lost = first.Run(() => Work.Waits());
        var parked = await scene.Parked();
        await first.DisposeAsync();
        await Assert.ThrowsAsync<RunHandedOverException>(() => lost);
        await scene.NewServer();
        return parked;
    }

    private static Task<string> Begin(Scene scene, Func<Task<string>> flow)
    {
        Work.Start();
        return scene.NewHost().Run(flow);
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static TaskCompletionSource Began { get; private set; } = new();

        internal static TaskCompletionSource Gate { get; private set; } = new();

        internal static void Start()
        {
            Script.Clear();
            Began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        /// <summary>Waits until the host has read the pause.</summary>
        internal static Task Paused(Scene scene) => scene.Until(() => scene.Host.Host.LastMessage > 0);

        internal static string Name(string method) => $"PauseTests.Work.{method}";

        [Flow]
        internal static async Task<string> OneTwo()
        {
            await One();
            await Two();
            return "done";
        }

        [Flow]
        internal static async Task<string> Waits()
        {
            var value = await Flow.WaitFor<int>("s");
            await Two();
            return $"{value}";
        }

        [Flow]
        internal static async Task<string> Sleeps()
        {
            await Flow.Sleep(TimeSpan.FromDays(1));
            await Two();
            return "slept";
        }

        [Flow]
        internal static async Task<string> HandlesAFailure()
        {
            var charged = await Flow.Try(() => Charge());
            await Flow.Sleep(TimeSpan.FromHours(1));
            return charged.IsSuccess ? "charged" : "not charged";
        }

        [Flow(Retries = 1, Backoff = "1h")]
        internal static async Task<string> Retries()
        {
            await Task.Yield();
            Script.Say("body");
            return Script.Lines.Count > 1 ? "second" : throw new IOException("disk");
        }

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static Task Charge()
        {
            Script.Say("charge");
            return Script.Lines.Count > 1 ? Task.CompletedTask : throw new IOException("bank");
        }

        [Step]
        internal static async Task One()
        {
            Began.TrySetResult();
            await Gate.Task;
            Script.Say("one");
        }

        [Step]
        internal static async Task Two()
        {
            await Task.Yield();
            Script.Say("two");
        }
    }
}
