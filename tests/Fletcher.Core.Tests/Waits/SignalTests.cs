using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Engine.Tests.Waits;

/// <summary>Flow.WaitFor and FletcherClient.SignalAsync: each signal is given to one wait, once.</summary>
public sealed class SignalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signal_ends_a_wait(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = scene.NewHost(options => options.ParkAfter = TimeSpan.FromDays(1)).Run(() => Work.One());
        var waiting = await scene.Steps(StepRunState.Waiting);

        Assert.True(await scene.Client.As("ada").SignalAsync(waiting.Id, "s", 7, cancellationToken: Cancellation));

        Assert.Equal(7, await run);
        Assert.Equal("signal 's' from ada", Assert.Single(await scene.StepRuns()).Reason);
        Assert.Equal(1, (await scene.Run()).Attempt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signal_that_was_sent_before_is_there(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        Work.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = scene.NewHost().Run(() => Work.Later());
        var working = await scene.Until(run => run.State == FlowRunState.Running);
        await scene.Client.SignalAsync(working.Id, "s", 8, cancellationToken: Cancellation);

        Work.Gate.SetResult();

        Assert.Equal(8, await run);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signal_from_another_process_wakes_a_parked_run(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = scene.NewHost().Run(() => Work.One());
        var parked = await scene.Parked();
        await using var other = scene.NewStore();
        await other.OpenAsync(Cancellation);

        Assert.True(await new FletcherClient(other, "cron", time: scene.Time).SignalAsync(parked.Id, "s", 9, cancellationToken: Cancellation));

        Assert.Equal(9, await run);
        Assert.Equal(2, (await scene.Run()).Attempt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_signals_with_one_key_the_first_counts(bool isParked)
    {
        await using var scene = new Scene();
        var run = scene.NewHost(options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(1)).Run(() => Work.Many(3));
        var waiting = isParked ? await scene.Parked() : await scene.Steps(StepRunState.Waiting);

        Assert.True(await scene.Client.SignalAsync(waiting.Id, "s", 1, "a", Cancellation));
        Assert.False(await scene.Client.SignalAsync(waiting.Id, "s", 99, "a", Cancellation));
        Assert.True(await scene.Client.SignalAsync(waiting.Id, "s", 2, "b", Cancellation));
        Assert.True(await scene.Client.SignalAsync(waiting.Id, "s", 2, cancellationToken: Cancellation));

        Assert.Equal("1, 2, 2", string.Join(", ", await run));
    }

    [Fact]
    public async Task Of_two_waits_for_one_name_the_first_is_served_first()
    {
        await using var scene = new Scene();
        var run = scene.NewHost().Run(() => Work.Two());
        await scene.Steps(StepRunState.Waiting, 2);
        var parked = await scene.Parked();

        await scene.Client.SignalAsync(parked.Id, "s", 1, cancellationToken: Cancellation);
        await scene.Steps(StepRunState.Waiting);
        Assert.Equal(StepRunState.Completed, (await scene.StepRuns())[0].State);
        await scene.Client.SignalAsync(parked.Id, "s", 2, cancellationToken: Cancellation);

        Assert.Equal("1, 2", string.Join(", ", await run));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signal_of_another_type_is_refused_and_the_wait_goes_on(bool isParked)
    {
        await using var scene = new Scene();
        var run = scene.NewHost(options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(1)).Run(() => Work.One());
        var waiting = isParked ? await scene.Parked() : await scene.Steps(StepRunState.Waiting);

        await scene.Client.As("bob").SignalAsync(waiting.Id, "s", "seven", cancellationToken: Cancellation);
        await scene.Client.As("ada").SignalAsync(waiting.Id, "s", 7, cancellationToken: Cancellation);

        Assert.Equal(7, await run);
        Assert.Contains(await scene.Ledger(waiting.Id), reason => reason.StartsWith("signal 's' from bob was refused", StringComparison.Ordinal));
        Assert.Equal([-1, 1], (await (await scene.Store()).GetMessagesAsync(0, 10, Cancellation)).Select(message => message.TakenBy));
    }

    [Fact]
    public async Task A_run_that_refused_a_signal_is_parked_again_and_not_woken_by_it()
    {
        await using var scene = new Scene();
        var run = scene.NewHost().Run(() => Work.One());
        var parked = await scene.Parked();

        await scene.Client.SignalAsync(parked.Id, "s", "seven", cancellationToken: Cancellation);
        await scene.Until(run => run is { HostId: null, Attempt: 2, WakeAt: null });
        await scene.Until(() => scene.Host.Host.Executions.Count == 0); // a moment after the store says so

        await scene.Client.SignalAsync(parked.Id, "s", 7, cancellationToken: Cancellation);
        Assert.Equal(7, await run);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task That_no_signal_came_in_time_is_remembered(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = scene.NewHost().Run(() => Work.Impatient());
        var parked = await scene.Parked();
        Assert.Equal(Scene.Start.AddHours(1), parked.WakeAt);

        // From here it sleeps. When it is executed again, it is told the same, although a signal is there by then.
        scene.Time.Advance(TimeSpan.FromHours(1));
        await scene.Until(run => run.HostId is null && run.WakeAt == Scene.Start.AddHours(2));
        await scene.Client.SignalAsync(parked.Id, "s", 7, cancellationToken: Cancellation);
        await scene.Until(run => run is { HostId: null, Attempt: 3 });
        scene.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal("No signal 's' came within 01:00:00.", await run);
        var wait = (await scene.StepRuns())[0];
        Assert.Equal((StepRunState.Completed, "there was no signal 's' until 2026-10-01 13:00:00Z"), (wait.State, wait.Reason));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signal_at_the_last_moment_is_either_taken_or_left_for_the_next_wait(bool isParked)
    {
        await using var scene = new Scene();
        var run = scene.NewHost(options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(1)).Run(() => Work.Twice());
        var waiting = isParked ? await scene.Parked() : await scene.Steps(StepRunState.Waiting);

        scene.Time.Advance(TimeSpan.FromHours(1));
        await scene.Client.SignalAsync(waiting.Id, "s", 7, cancellationToken: Cancellation);

        // The first or the second wait gets it, and neither nobody nor both.
        Assert.True(await run is "7, then none" or "none, then 7");
    }

    [Fact]
    public async Task A_signal_to_the_outermost_run_reaches_a_wait_of_a_sub_flow()
    {
        await using var scene = new Scene();
        var run = scene.NewHost().Run(() => Work.Calls());
        var root = await scene.Parked("Calls");

        await scene.Client.SignalAsync(root.Id, "s", 7, cancellationToken: Cancellation);

        Assert.Equal(7, await run);
    }

    [Fact]
    public async Task A_signal_to_a_sub_flow_is_not_for_the_flow_around_it()
    {
        await using var scene = new Scene();
        var run = scene.NewHost().Run(() => Work.CallsBeside());
        await scene.Parked("CallsBeside");
        await scene.Steps(StepRunState.Waiting, 1, "One");
        var inner = await scene.RunOf("One");
        var outer = await scene.RunOf("CallsBeside");

        await scene.Client.SignalAsync(inner.Id, "s", 7, cancellationToken: Cancellation);
        await scene.Until(run => run.State == FlowRunState.Completed, "One");
        await scene.Client.SignalAsync(outer.Id, "s", 8, cancellationToken: Cancellation);

        Assert.Equal("8, 7", string.Join(", ", await run));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signal_that_a_sub_flow_did_not_wait_for_any_more_is_for_the_flow_around_it(bool isParked)
    {
        await using var scene = new Scene();
        var run = scene.NewHost(options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(9)).Run(() => Work.CallsLimited());
        await scene.Steps(StepRunState.Waiting, 1, "Limited");
        if (isParked)
            await scene.Parked("CallsLimited");
        scene.Time.Advance(TimeSpan.FromHours(1));
        var root = await scene.Steps(StepRunState.Waiting, 1, "CallsLimited");

        await scene.Client.SignalAsync(root.Id, "s", 7, cancellationToken: Cancellation);

        Assert.Equal(7, await run);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signal_to_a_run_that_has_ended_is_refused(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        await scene.NewHost().Run(() => Work.Many(0));
        var ended = await scene.Run();

        var error = await Assert.ThrowsAsync<FletcherUsageException>(() => scene.Client.SignalAsync(ended.Id, "s", 7, cancellationToken: Cancellation));
        Assert.Equal("FLT1503", error.Id);
        Assert.Contains("ended Completed", error.Message, StringComparison.Ordinal);

        error = await Assert.ThrowsAsync<FletcherUsageException>(() => scene.Client.SignalAsync(RunId.New(scene.Time), "s", 7, cancellationToken: Cancellation));
        Assert.Equal("FLT1401", error.Id);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_thousand_signals_come_in_their_order(bool sqlite, bool isParked)
    {
        await using var scene = new Scene(sqlite);
        var run = scene.NewHost(options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(9)).Run(() => Work.Many(1000));
        var waiting = isParked ? await scene.Parked() : await scene.Steps(StepRunState.Waiting);

        for (var i = 0; i < 1000; i++)
            await scene.Client.SignalAsync(waiting.Id, "s", i, cancellationToken: Cancellation);

        Assert.Equal(Enumerable.Range(0, 1000), await run);
        Assert.Empty(await (await scene.Store()).GetUntakenAsync(waiting.Id, Cancellation));
    }

    [Fact]
    public async Task A_signal_without_a_value_ends_a_wait_without_one()
    {
        await using var scene = new Scene();
        var run = scene.NewHost().Run(() => Work.Plain());
        var parked = await scene.Parked();

        await scene.Client.SignalAsync(parked.Id, "go", cancellationToken: Cancellation);

        await run;
    }

    [Fact]
    public async Task Two_hosts_give_a_signal_out_once()
    {
        await using var scene = new Scene(sqlite: true);
        var first = await scene.NewServer();
        var run = first.Run(() => Work.Many(20));
        await scene.NewServer();
        for (var i = 0; i < 20; i++)
        {
            var parked = await scene.Until(run => run is { HostId: null, State: FlowRunState.Waiting, WakeAt: null });
            await scene.Client.SignalAsync(parked.Id, "s", i, cancellationToken: Cancellation);
        }

        Assert.Equal(Enumerable.Range(0, 20), await run);
    }

    internal static class Work
    {
        internal static TaskCompletionSource Gate { get; set; } = new();

        [Flow]
        internal static async Task<int> One() => await Flow.WaitFor<int>("s");

        [Flow]
        internal static async Task Plain() => await Flow.WaitFor("go");

        [Flow]
        internal static async Task<int> Later()
        {
            await Busy();
            return await Flow.WaitFor<int>("s");
        }

        [Step]
        internal static async Task Busy() => await Gate.Task;

        [Flow]
        internal static async Task<List<int>> Many(int count)
        {
            var values = new List<int>();
            for (var i = 0; i < count; i++)
                values.Add(await Flow.WaitFor<int>("s"));
            return values;
        }

        [Flow]
        internal static async Task<int[]> Two() => await Task.WhenAll(Flow.WaitFor<int>("s"), Flow.WaitFor<int>("s"));

        [Flow]
        internal static async Task<string> Impatient()
        {
            var message = "";
            try
            {
                await Flow.WaitFor<int>("s", TimeSpan.FromHours(1));
            }
            catch (WaitTimeoutException e)
            {
                message = e.Message;
            }

            await Flow.Sleep(TimeSpan.FromHours(1));
            return message;
        }

        [Flow]
        internal static async Task<string> Twice()
        {
            var first = await Flow.Try(() => Flow.WaitFor<int>("s", TimeSpan.FromHours(1)));
            if (!first.IsSuccess)
                return $"none, then {await Flow.WaitFor<int>("s")}";
            await Flow.Sleep(TimeSpan.Zero);
            return $"{first.Value}, then none";
        }

        [Flow]
        internal static async Task<int> Calls() => await One();

        [Flow]
        internal static async Task<int[]> CallsBeside() => await Task.WhenAll(Flow.WaitFor<int>("s"), One());

        [Flow(Timeout = "1h")]
        internal static async Task<int> Limited() => await Flow.WaitFor<int>("s");

        [Flow]
        internal static async Task<int> CallsLimited()
        {
            var inner = await Flow.Try(() => Limited());
            return inner.IsSuccess ? -inner.Value : await Flow.WaitFor<int>("s");
        }
    }
}
