using Fletcher.Model;

namespace Fletcher.Engine.Tests.Waits;

/// <summary>OnFailure.Wait: a run that failed stays open until somebody says that it may go on.</summary>
public sealed class FixTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_waits_with_its_error_and_goes_on_with_its_memory(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = Begin(scene, () => Work.Charges());
        var waiting = await scene.Parked();
        Assert.Equal(("it waits for a fix: IOException: bank", null), (waiting.Reason, waiting.WakeAt));
        Assert.Equal(("System.IO.IOException", "bank"), (waiting.Error!.Type, waiting.Error.Message));
        Assert.True(waiting.WaitsForFix);

        Work.Fails = 0;
        await scene.Client.As("ada").ResumeAsync(waiting.Id, "the bank is back", Cancellation);

        Assert.Equal("done", await run);
        Assert.Equal(["price", "charge", "charge"], Work.Script.Lines);
        var ended = await scene.Run();
        Assert.Equal((FlowRunState.Completed, null), (ended.State, ended.Error));
        Assert.Contains("resumed by ada: the bank is back", await scene.Ledger(waiting.Id));
    }

    [Fact]
    public async Task A_resume_gives_the_flow_all_its_retries_again()
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.Retried(), 6);
        for (var i = 0; i < 2; i++)
        {
            await scene.Until(run => run is { HostId: null, WakeAt: not null } && run.WakeAt > scene.Time.GetUtcNow());
            scene.Time.Advance(TimeSpan.FromHours(1));
        }

        var waiting = await scene.Until(run => run.WaitsForFix);
        Assert.Equal(3, Work.Script.Count("body"));

        await scene.Client.ResumeAsync(waiting.Id, cancellationToken: Cancellation);
        for (var i = 0; i < 2; i++)
        {
            await scene.Until(run => run is { HostId: null, WakeAt: not null } && run.WakeAt > scene.Time.GetUtcNow());
            scene.Time.Advance(TimeSpan.FromHours(1));
        }

        await scene.Until(run => run.WaitsForFix);
        Assert.Equal(6, Work.Script.Count("body"));
        await scene.Client.ResumeAsync(waiting.Id, cancellationToken: Cancellation);

        Assert.Equal("done", await run);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signal_or_a_pause_does_not_make_it_try_again(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = Begin(scene, () => Work.Charges());
        var waiting = await scene.Parked();

        await scene.Client.SignalAsync(waiting.Id, "s", 7, cancellationToken: Cancellation);
        await scene.Client.PauseAsync(waiting.Id, cancellationToken: Cancellation);
        for (var beat = 0; beat < 5; beat++)
            await scene.Host.Host.Parked.BeatAsync();

        var still = await scene.Run();
        Assert.Equal((FlowRunState.Waiting, 1, waiting.Reason, "bank", null), (still.State, still.Attempt, still.Reason, still.Error?.Message, still.WakeAt));
        Assert.Equal(1, Work.Script.Count("charge"));

        Work.Fails = 0;
        await scene.Client.ResumeAsync(waiting.Id, cancellationToken: Cancellation);
        Assert.Equal("done", await run);
    }

    [Fact]
    public async Task A_signal_that_came_while_it_waited_for_the_fix_is_there_afterwards()
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.FailsThenWaits());
        var waiting = await scene.Parked();
        await scene.Client.SignalAsync(waiting.Id, "s", 7, cancellationToken: Cancellation);

        Work.Fails = 0;
        await scene.Client.ResumeAsync(waiting.Id, cancellationToken: Cancellation);

        Assert.Equal("7", await run);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_can_be_cancelled(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = Begin(scene, () => Work.Charges());
        var waiting = await scene.Parked();

        await scene.Client.As("ada").CancelAsync(waiting.Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Equal((FlowRunState.Cancelled, "cancelled by ada"), ((await scene.Run()).State, (await scene.Run()).Reason));
        Assert.Equal(1, Work.Script.Count("charge"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_waits_without_a_host_and_another_one_goes_on_with_it(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var lost = Begin(scene, () => Work.Charges());
        var first = scene.Host;
        var waiting = await scene.Parked();
        await first.DisposeAsync();
        await Assert.ThrowsAsync<RunHandedOverException>(() => lost);
        await scene.NewServer();
        scene.Time.Advance(TimeSpan.FromDays(400));
        Assert.Equal(1, Work.Script.Count("charge"));

        Work.Fails = 0;
        await scene.Client.ResumeAsync(waiting.Id, cancellationToken: Cancellation);

        await scene.Until(run => run.State == FlowRunState.Completed);
        Assert.Equal(["price", "charge", "charge"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_step_that_must_run_at_most_once_and_failed_is_tried_again_when_it_is_resumed()
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.ChargesOnce());
        var waiting = await scene.Parked();

        Work.Fails = 0;
        await scene.Client.ResumeAsync(waiting.Id, cancellationToken: Cancellation);

        Assert.Equal("done", await run);
        Assert.Equal(2, Work.Script.Count("charge"));
    }

    [Fact]
    public async Task A_resume_that_comes_while_the_wait_is_being_written_is_not_lost()
    {
        await using var scene = new Scene();
        Work.Start(1);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var store = (SurvivingStore)scene.NewStore();
        store.HoldWrite = batch =>
        {
            if (!batch.FlowRuns.Exists(run => run.WaitsForFix))
                return Task.CompletedTask;
            held.TrySetResult();
            return goOn.Task;
        };
        var host = scene.NewHost(store);
        var run = host.Run(() => Work.ChargesOnce());
        await held.Task.WithinLimit();

        Work.Fails = 0;
        await host.Host.Client.ResumeAsync((await scene.Run()).Id, cancellationToken: Cancellation);
        await scene.Until(() => host.Host.LastMessage == 1); // the execution that is being left has been told
        goOn.SetResult();

        Assert.Equal("done", await run);
        Assert.Equal(2, Work.Script.Count("charge"));
    }

    [Fact]
    public async Task A_crash_while_the_wait_is_written_loses_nothing()
    {
        var store = new SurvivingStore();
        var crashed = new TestHost(store);
        Work.Start(1);
        store.BeforeWrite = (store, batch) =>
        {
            if (batch.FlowRuns.Exists(run => run.WaitsForFix))
                store.Kill();
        };
        var lost = crashed.Host.RunAsync(() => Work.Charges());
        await Eventually(() => Work.Script.Count("charge") == 1);

        await using var next = new TestHost(store.Reopen(), configure: options => options.TakesRuns = true);
        await Eventually(() => next.Store.GetHostAsync(crashed.Host.Id, Cancellation).AsTask().Result?.EndedAt is not null);
        await next.Host.StartAsync(Cancellation);
        await Eventually(() => Work.Script.Count("charge") == 2);

        // Nobody had seen that it failed, so it was tried once more, and succeeds this time.
        await Eventually(() => next.Runs().Result[0].State == FlowRunState.Completed);
        Assert.Equal(1, Work.Script.Count("price"));
        await store.End(crashed, lost);
    }

    [Fact]
    public async Task A_call_with_the_same_parameters_goes_on_with_it_and_has_all_retries()
    {
        await using var scene = new Scene(sqlite: true);
        Work.Start(4);
        var first = scene.NewHost();
        var lost = first.Run(() => Work.Retried());
        for (var i = 0; i < 2; i++)
        {
            await scene.Until(run => run is { HostId: null, WakeAt: not null } && run.WakeAt > scene.Time.GetUtcNow());
            scene.Time.Advance(TimeSpan.FromHours(1));
        }

        await scene.Until(run => run.WaitsForFix);
        await first.DisposeAsync();
        await Assert.ThrowsAsync<RunHandedOverException>(() => lost);

        var again = scene.NewHost().Run(() => Work.Retried());
        await scene.Until(run => run is { HostId: null, WakeAt: not null } && run.WakeAt > scene.Time.GetUtcNow());
        scene.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal("done", await again);
        Assert.Equal(5, Work.Script.Count("body"));
    }

    private static async Task Eventually(Func<bool> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(30), "It did not come to that within 30 s.");
            await Task.Yield();
        }
    }

    private static Task<string> Begin(Scene scene, Func<Task<string>> flow, int fails = 1)
    {
        Work.Start(fails);
        return scene.NewHost().Run(flow);
    }

    internal static class Work
    {
        private static int _fails;

        internal static Script Script { get; } = new();

        /// <summary>How often it fails from now on.</summary>
        internal static int Fails
        {
            get => Volatile.Read(ref _fails);
            set => Volatile.Write(ref _fails, value);
        }

        internal static void Start(int fails)
        {
            Script.Clear();
            Fails = fails;
        }

        [Flow(OnFailure = OnFailure.Wait)]
        internal static async Task<string> Charges()
        {
            await Price();
            await Charge();
            return "done";
        }

        [Flow(OnFailure = OnFailure.Wait)]
        internal static async Task<string> ChargesOnce()
        {
            await ChargeOnce();
            return "done";
        }

        [Flow(OnFailure = OnFailure.Wait)]
        internal static async Task<string> FailsThenWaits()
        {
            await Charge();
            return $"{await Flow.WaitFor<int>("s")}";
        }

        [Flow(OnFailure = OnFailure.Wait, Retries = 2, Backoff = "1h")]
        internal static async Task<string> Retried()
        {
            await Task.Yield();
            Script.Say("body");
            MayFail();
            return "done";
        }

        [Step]
        internal static async Task Price()
        {
            await Task.Yield();
            Script.Say("price");
        }

        [Step]
        internal static async Task Charge()
        {
            await Task.Yield();
            Script.Say("charge");
            MayFail();
        }

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static async Task ChargeOnce()
        {
            await Task.Yield();
            Script.Say("charge");
            MayFail();
        }

        private static void MayFail()
        {
            if (Interlocked.Decrement(ref _fails) >= 0)
                throw new IOException("bank");
        }
    }
}
