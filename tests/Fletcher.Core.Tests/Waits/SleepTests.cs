using Fletcher.Model;

namespace Fletcher.Engine.Tests.Waits;

/// <summary>Flow.Sleep and Flow.SleepUntil, for moments and for ever.</summary>
public sealed class SleepTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sleep_is_over_at_its_time_and_not_before(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var host = scene.NewHost();
        var run = host.Run(() => Work.Naps(TimeSpan.FromDays(800)));
        var parked = await scene.Parked();
        Assert.Equal(Scene.Start.AddDays(800), parked.WakeAt);
        await scene.Until(() => host.Host.Executions.Count == 0); // a moment after the store says so

        scene.Time.Advance(TimeSpan.FromDays(800) - TimeSpan.FromTicks(10));
        host.Host.Pulse.Beat();
        Assert.Equal(FlowRunState.Waiting, (await scene.Run()).State);
        scene.Time.Advance(TimeSpan.FromTicks(10));

        Assert.Equal("awake", await run);
        Assert.Equal((FlowRunState.Completed, 2), ((await scene.Run()).State, (await scene.Run()).Attempt));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sleep_for_ever_is_parked_and_can_be_cancelled(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = scene.NewHost().Run(() => Work.Naps(TimeSpan.MaxValue));
        var parked = await scene.Parked();
        Assert.Equal(DateTimeOffset.MaxValue, parked.WakeAt);

        scene.Time.Advance(TimeSpan.FromDays(365_000));
        await scene.Client.CancelAsync(parked.Id, cancellationToken: TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Equal(FlowRunState.Cancelled, (await scene.Run()).State);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public async Task A_sleep_of_nothing_or_less_is_over_at_once(long ticks)
    {
        await using var scene = new Scene();

        Assert.Equal("awake", await scene.NewHost().Run(() => Work.Naps(TimeSpan.FromTicks(ticks))));
    }

    [Fact]
    public async Task A_sleep_until_a_moment_that_has_passed_is_over_at_once()
    {
        await using var scene = new Scene();

        Assert.Equal("awake", await scene.NewHost().Run(() => Work.NapsUntil(Scene.Start.AddDays(-1))));
        Assert.Equal("awake", await scene.NewHost().Run(() => Work.NapsUntil(DateTimeOffset.MinValue)));
    }

    [Fact]
    public async Task A_sleep_until_a_moment_ends_at_that_moment()
    {
        await using var scene = new Scene();
        var run = scene.NewHost().Run(() => Work.NapsUntil(Scene.Start.AddYears(3)));
        Assert.Equal(Scene.Start.AddYears(3), (await scene.Parked()).WakeAt);

        scene.Time.SetUtcNow(Scene.Start.AddYears(3));

        Assert.Equal("awake", await run);
    }

    [Fact]
    public async Task Equal_sleeps_in_a_loop_are_one_after_the_other()
    {
        await using var scene = new Scene();
        var run = scene.NewHost().Run(() => Work.NapsThrice());
        for (var nap = 1; nap <= 3; nap++)
        {
            var due = Scene.Start.AddHours(nap);
            Assert.Equal(due, (await scene.Until(run => run.HostId is null && run.WakeAt >= due)).WakeAt);
            scene.Time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(3, await run);
        Assert.Equal(3, (await scene.StepRuns()).Count(step => step.State == StepRunState.Completed));
    }

    [Fact]
    public async Task A_run_whose_step_works_is_not_parked_while_another_strand_sleeps()
    {
        await using var scene = new Scene();
        var host = scene.NewHost();
        Work.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = host.Run(() => Work.WorksBesideASleep());
        await scene.Steps(StepRunState.Waiting);
        scene.Time.Advance(TimeSpan.FromMinutes(5));
        host.Host.Pulse.Beat();
        Assert.Single(host.Host.Executions);

        Work.Gate.SetResult();
        await scene.Parked();
        await scene.Until(() => host.Host.Executions.Count == 0); // a moment after the store says so

        scene.Time.Advance(TimeSpan.FromHours(1));
        await run;
        Assert.Equal(1, Work.Worked);
    }

    [Fact]
    public async Task A_sleep_in_a_steps_body_parks_nothing()
    {
        await using var scene = new Scene();
        var host = scene.NewHost();
        var run = host.Run(() => Work.SleepsInside());
        await scene.Steps(StepRunState.Waiting);
        scene.Time.Advance(TimeSpan.FromMinutes(30));
        host.Host.Pulse.Beat();
        Assert.Single(host.Host.Executions);

        scene.Time.Advance(TimeSpan.FromMinutes(30));

        await run;
        Assert.Equal(1, (await scene.Run()).Attempt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sleeps_of_the_items_of_a_fan_out_end_each_at_its_time(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var run = scene.NewHost().Run(() => Work.Fans());
        await scene.Steps(StepRunState.Waiting, 20);
        Assert.Equal(Scene.Start.AddHours(1), (await scene.Parked()).WakeAt);

        scene.Time.Advance(TimeSpan.FromHours(1));
        await scene.Steps(StepRunState.Waiting, 10);
        scene.Time.Advance(TimeSpan.FromHours(1));

        var woke = await run;
        Assert.Equal(Enumerable.Range(0, 20), woke);
    }

    [Fact]
    public async Task A_sleep_in_a_sub_flow_parks_the_whole_family()
    {
        await using var scene = new Scene();
        var host = scene.NewHost();
        var run = host.Run(() => Work.CallsNap());
        await scene.Parked("CallsNap");
        Assert.Equal(FlowRunState.Waiting, (await scene.RunOf("Naps")).State);
        await scene.Until(() => host.Host.Executions.Count == 0); // a moment after the store says so

        scene.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal("awake", await run);
        Assert.All(await scene.Runs(), record => Assert.Equal(FlowRunState.Completed, record.State));
    }

    [Fact]
    public async Task A_started_run_sleeps_by_itself()
    {
        await using var scene = new Scene();
        var host = scene.NewHost();
        var handle = await host.Run(() => Work.StartsNap());
        await scene.Parked("Naps");
        Assert.Equal(FlowRunState.Completed, (await scene.RunOf("StartsNapInside")).State);

        scene.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal("awake", await handle.Completion.WithinLimit());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_that_gives_up_ends_the_sleep_and_the_flow_cleans_up(bool isParked)
    {
        await using var scene = new Scene();
        using var caller = new CancellationTokenSource();
        var host = scene.NewHost(options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(9));
        Work.Cleaned.Clear();
        var run = host.Run(() => Work.NapsAndCleans(caller.Token));
        _ = isParked ? await scene.Parked() : await scene.Steps(StepRunState.Waiting);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(["cleaned"], Work.Cleaned.Lines);
        Assert.Equal((FlowRunState.Cancelled, "the caller's token was cancelled"), ((await scene.Run()).State, (await scene.Run()).Reason));
        Assert.Equal(StepRunState.Cancelled, Assert.Single(await scene.StepRuns()).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_flows_time_limit_ends_a_sleep_and_the_flow_cleans_up(bool isParked)
    {
        await using var scene = new Scene();
        var host = scene.NewHost(options => options.ParkAfter = isParked ? TimeSpan.Zero : TimeSpan.FromDays(9));
        Work.Cleaned.Clear();
        var run = host.Run(() => Work.Limited());
        _ = isParked ? await scene.Parked() : await scene.Steps(StepRunState.Waiting);
        if (isParked)
            Assert.Equal(Scene.Start.AddHours(3), (await scene.Run()).WakeAt);

        scene.Time.Advance(TimeSpan.FromHours(3));

        var error = await Assert.ThrowsAsync<StepTimeoutException>(() => run);
        Assert.Contains("3h", error.Message, StringComparison.Ordinal);
        Assert.Equal(["cleaned"], Work.Cleaned.Lines);
        Assert.Equal(FlowRunState.Failed, (await scene.Run()).State);
        var step = Assert.Single(await scene.StepRuns());
        Assert.Equal((StepRunState.Cancelled, "the flow's Timeout of 3h was up"), (step.State, step.Reason));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sleep_that_ends_while_no_host_runs_is_over_at_the_next_start(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var first = scene.NewHost();
        var lost = first.Run(() => Work.Naps(TimeSpan.FromDays(7)));
        await scene.Parked();
        await first.DisposeAsync();
        await Assert.ThrowsAsync<RunHandedOverException>(() => lost);
        scene.Time.Advance(TimeSpan.FromDays(30));

        await scene.NewServer();
        await scene.Until(run => run.State == FlowRunState.Completed);
    }

    [Fact]
    public async Task A_sleep_outside_a_flow_may_be_of_any_length()
    {
        using var enough = new CancellationTokenSource();
        var sleep = Flow.Sleep(TimeSpan.MaxValue, enough.Token);
        await Flow.Sleep(TimeSpan.MinValue, TestContext.Current.CancellationToken).WithinLimit();

        await enough.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sleep.WithinLimit());
    }

    internal static class Work
    {
        private static int _worked;

        internal static TaskCompletionSource Gate { get; set; } = new();

        internal static int Worked => _worked;

        internal static Script Cleaned { get; } = new();

        [Flow]
        internal static async Task<string> Naps(TimeSpan length)
        {
            await Flow.Sleep(length);
            return "awake";
        }

        [Flow]
        internal static async Task<string> NapsUntil(DateTimeOffset until)
        {
            await Flow.SleepUntil(until);
            return "awake";
        }

        [Flow]
        internal static async Task<int> NapsThrice()
        {
            var naps = 0;
            for (; naps < 3; naps++)
                await Flow.Sleep(TimeSpan.FromHours(1));
            return naps;
        }

        [Flow]
        internal static async Task WorksBesideASleep() => await Task.WhenAll(Busy(), Flow.Sleep(TimeSpan.FromHours(1)));

        [Step]
        internal static async Task Busy()
        {
            await Gate.Task;
            Interlocked.Increment(ref _worked);
        }

        [Flow]
        internal static async Task SleepsInside() => await Sleepy();

        [Step]
        internal static async Task Sleepy() => await Flow.Sleep(TimeSpan.FromHours(1));

        [Flow]
        internal static async Task<int[]> Fans() => [.. await Flow.Map(Enumerable.Range(0, 20), async i =>
        {
            await Flow.Sleep(TimeSpan.FromHours(1 + (i % 2)));
            return i;
        }, maxConcurrency: 20)];

        [Flow]
        internal static async Task<string> CallsNap() => await Naps(TimeSpan.FromHours(1));

        [Flow]
        internal static async Task StartsNapInside() => Started = await Flow.Start(() => Naps(TimeSpan.FromHours(1)));

        internal static FlowRunHandle<string>? Started { get; private set; }

        internal static async Task<FlowRunHandle<string>> StartsNap()
        {
            await StartsNapInside();
            return Started!;
        }

        [Flow]
        internal static async Task NapsAndCleans(CancellationToken ct)
        {
            try
            {
                await Flow.Sleep(TimeSpan.FromDays(1), ct);
            }
            finally
            {
                Cleaned.Say("cleaned");
            }
        }

        [Flow(Timeout = "3h")]
        internal static async Task Limited()
        {
            try
            {
                await Flow.Sleep(TimeSpan.FromDays(1));
            }
            finally
            {
                Cleaned.Say("cleaned");
            }
        }
    }
}
