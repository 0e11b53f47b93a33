using Fletcher.Engine.Tests.Waits;
using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Engine.Tests.Limiting;

/// <summary>Steps that start under a limit.</summary>
public sealed class StepLimitTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task So_many_start_as_the_limit_has_slots_and_who_waits_says_for_what_and_who_holds_it(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        var host = scene.NewHost(options => options.Limits.Add("smtp", slots: 2));
        using var work = new Work();
        var run = host.Run(() => Work.SendsMany(4));
        await scene.Until(() => work.Under == 2);
        var waiting = await scene.Steps(StepRunState.Waiting, 2);

        var steps = await scene.StepRuns();
        var reasons = steps.Where(step => step.State == StepRunState.Waiting).Select(step => step.Reason!).ToList();
        Assert.All(reasons, reason =>
        {
            Assert.Contains("limit 'smtp'", reason, StringComparison.Ordinal);
            Assert.Contains($"2 of 2 held by 'Work.Sends' of run {waiting.Id}", reason, StringComparison.Ordinal);
        });
        Assert.Contains(reasons, reason => reason.EndsWith("next in line", StringComparison.Ordinal));
        Assert.Contains(reasons, reason => reason.EndsWith("1 before it", StringComparison.Ordinal));

        work.LetGo(4);
        Assert.Equal(4, await run);
        Assert.Equal(2, work.Most);
        Assert.All(await scene.StepRuns(), step => Assert.Equal((StepRunState.Completed, 1), (step.State, step.Attempt)));
        await NobodyIsLeftIn(scene, "smtp");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_only_waits_for_a_limit_says_so_and_goes_on_when_another_host_releases_it(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        using var work = new Work();
        var first = scene.NewHost(options => options.Limits.Add("smtp", slots: 1));
        var one = first.Run(() => Work.SendsMany(1));
        await scene.Until(() => work.Under == 1);
        var second = scene.NewHost(options => options.Limits.Add("smtp", slots: 1));
        var two = second.Run(() => Work.SendsNested());

        var waits = await scene.Until(run => run.State == FlowRunState.Waiting, "SendsNested");
        Assert.Contains("limit 'smtp'", waits.Reason, StringComparison.Ordinal);
        Assert.NotNull(waits.HostId); // it is not parked: its place in the line belongs to its lease

        work.LetGo(1);
        await one;
        await scene.Until(() => work.Under == 1);
        Assert.Equal((FlowRunState.Running, null), ((await scene.Until(run => run.State == FlowRunState.Running, "SendsNested")).State, (await scene.RunOf("SendsNested")).Reason));
        work.LetGo(1);
        await two;
        Assert.Equal(1, work.Most);
    }

    [Fact]
    public async Task Where_two_wait_for_each_other_the_reason_says_so_and_the_cancellation_of_one_lets_the_other_go_on()
    {
        await using var scene = new Scene();
        using var work = new Work();
        var host = scene.NewHost(options => options.Limits.Add("smtp", slots: 1).Add("customer", slots: 1));
        var one = host.Run(() => Work.SmtpFirst("ada"));
        await scene.Until(() => work.Under == 1);
        var two = host.Run(() => Work.CustomerFirst("ada"));
        await scene.Until(() => work.Under == 2);
        work.LetGo(3);
        var first = await scene.Steps(StepRunState.Waiting, flow: "SmtpFirst");
        var second = await scene.Steps(StepRunState.Waiting, flow: "CustomerFirst");

        // The one of them who came last has seen the other wait.
        var reasons = (await scene.StepRuns(first.Id)).Concat(await scene.StepRuns(second.Id)).Select(step => step.Reason).OfType<string>().ToList();
        Assert.Contains(reasons, reason => reason.Contains($"of run {first.Id}, which waits for limit 'customer' for 'ada')", StringComparison.Ordinal)
            || reason.Contains($"of run {second.Id}, which waits for limit 'smtp')", StringComparison.Ordinal));
        await scene.Client.CancelAsync(second.Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => two);
        Assert.Equal(1, await one);
    }

    [Fact]
    public async Task Who_is_cancelled_while_it_waits_leaves_the_line()
    {
        await using var scene = new Scene();
        using var work = new Work();
        var host = scene.NewHost(options => options.Limits.Add("smtp", slots: 1));
        var one = host.Run(() => Work.SendsMany(1));
        await scene.Until(() => work.Under == 1);
        var two = host.Run(() => Work.SendsNested());
        var waiting = await scene.Until(run => run.State == FlowRunState.Waiting, "SendsNested");

        await scene.Client.CancelAsync(waiting.Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => two);
        Assert.All(await scene.StepRuns(waiting.Id), step => Assert.Equal(StepRunState.Cancelled, step.State));
        await scene.Until(async () => Assert.Single(await host.Host.Client.GetLimitLanesAsync("smtp", null, Cancellation)).WaiterCount == 0);
        work.LetGo(1);
        await one;
        Assert.Equal(1, work.Most);
        await NobodyIsLeftIn(scene, "smtp");
    }

    [Fact]
    public async Task A_step_that_is_remembered_or_cached_takes_no_place()
    {
        await using var scene = new Scene();
        using var work = new Work();
        work.LetGo(9);
        var host = scene.NewHost(options => options.Limits.Add("smtp", slots: 1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Run(() => Work.FailsAfterSends()));
        await scene.Client.SetLimitAsync("smtp", new LimitSettings { Slots = 0 }, "closed", Cancellation);

        work.MayComplete = true;
        Assert.Equal("done", await host.Run(() => Work.FailsAfterSends()));
        Assert.Equal(2, work.Started); // one each of the two steps, both in the first run
    }

    [Fact]
    public async Task The_wait_for_a_retry_holds_no_place()
    {
        await using var scene = new Scene();
        using var work = new Work();
        var host = scene.NewHost(options => options.Limits.Add("smtp", slots: 1));
        var failing = host.Run(() => Task.Run(() => Work.Retries()));
        await scene.Steps(StepRunState.Retrying, flow: "Retries");

        work.LetGo(1);
        Assert.Equal(1, await host.Run(() => Work.SendsMany(1)));

        work.MayComplete = true; // before the attempt that is made then
        scene.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, await failing);
    }

    [Fact]
    public async Task Code_that_does_not_stop_at_its_time_out_keeps_its_place_until_it_does()
    {
        await using var scene = new Scene();
        using var work = new Work();
        var host = scene.NewHost(options => options.Limits.Add("smtp", slots: 1));
        var run = host.Run(() => Work.Leaks());
        await scene.Until(() => work.Under == 1);

        scene.Time.Advance(TimeSpan.FromSeconds(30)); // the time-out
        await scene.Steps(StepRunState.Waiting, flow: "Leaks"); // the second attempt waits for the first one's code
        Assert.Equal(1, work.Most);
        work.MayComplete = true;
        work.LetGo(1);

        Assert.Equal("done", await run);
        Assert.Equal(1, work.Most);
        await NobodyIsLeftIn(scene, "smtp");
    }

    [Fact]
    public async Task The_wait_for_a_limit_counts_for_the_total_time_and_no_attempt_is_made_when_it_is_up()
    {
        await using var scene = new Scene();
        using var work = new Work();
        var host = scene.NewHost(options => options.Limits.Add("smtp", slots: 0));
        var run = host.Run(() => Task.Run(() => Work.HasTotalTimeout()));
        await scene.Steps(StepRunState.Waiting);

        scene.Time.Advance(TimeSpan.FromMinutes(5));

        var error = await Assert.ThrowsAsync<StepTimeoutException>(() => run);
        Assert.Contains("while it waited for limit 'smtp'", error.Message, StringComparison.Ordinal);
        Assert.Equal((StepRunState.Failed, 0), (Assert.Single(await scene.StepRuns()).State, Assert.Single(await scene.StepRuns()).Attempt));
        await NobodyIsLeftIn(scene, "smtp");
    }

    [Fact]
    public async Task Each_key_has_slots_of_its_own_and_a_step_takes_as_many_as_it_weighs()
    {
        await using var scene = new Scene();
        using var work = new Work();
        var host = scene.NewHost(options => options.Limits.Add("customer", slots: 3));
        var run = host.Run(() => Work.SendsFor(["a", "a", "b"]));
        await scene.Until(() => work.Under == 2);
        await scene.Steps(StepRunState.Waiting);

        var lanes = await host.Host.Client.GetLimitLanesAsync("customer", null, Cancellation);
        Assert.Equal([("a", 2, 1), ("b", 2, 0)], lanes.Select(lane => (lane.Key, lane.Taken, lane.WaiterCount)));
        work.LetGo(3);
        Assert.Equal(3, await run);
    }

    [Fact]
    public async Task A_limit_that_nobody_defined_is_an_error_that_names_the_nearest()
    {
        await using var scene = new Scene();
        using var work = new Work();
        var host = scene.NewHost(options => options.Limits.Add("smtpx", slots: 1).Add("crm", slots: 1));

        var error = await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Work.SendsMany(1)));

        Assert.Equal("FLT1308", error.Id);
        Assert.Contains("'Work.Sends'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'smtpx'?", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, work.Started);
    }

    [Fact]
    public async Task A_step_inside_one_that_holds_the_same_limit_is_an_error_and_no_deadlock()
    {
        await using var scene = new Scene();
        using var work = new Work();
        work.LetGo(9);
        var host = scene.NewHost(options => options.Limits.Add("smtp", slots: 1).Add("flow", slots: 1).Add("customer", 9));

        var step = await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Work.HoldsTwice()));
        Assert.Equal("FLT1309", step.Id);
        Assert.Contains("'Work.Holds' around it", step.Message, StringComparison.Ordinal);
        var flow = await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Work.HoldsAsFlow()));
        Assert.Contains("'Work.HoldsAsFlow' around it", flow.Message, StringComparison.Ordinal);
        Assert.Equal(1, await host.Run(() => Work.HoldsAnother()));
        await NobodyIsLeftIn(scene, "smtp");
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_an_error()
    {
        await using var scene = new Scene();
        using var work = new Work();
        var host = scene.NewHost(options => options.Limits.Add("customer", slots: 3));

        var error = await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Work.SendsFor([new string('x', 500)])));

        Assert.Equal("FLT1310", error.Id);
        Assert.Contains("500 characters", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_made_of_a_lambda_has_a_limit_too()
    {
        await using var scene = new Scene();
        using var work = new Work();
        var host = scene.NewHost(options => options.Limits.Add("customer", slots: 3));
        var run = host.Run(() => Work.RunsLambdas());
        await scene.Steps(StepRunState.Waiting);
        await scene.Until(() => work.Under == 1);

        Assert.Equal(("a", 2, 1), Assert.Single((await host.Host.Client.GetLimitLanesAsync("customer", null, Cancellation)).Select(lane => (lane.Key, lane.Taken, lane.WaiterCount))));
        work.LetGo(2);
        Assert.Equal(2, await run);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_rate_lets_a_burst_start_and_then_one_when_its_time_has_come(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        using var work = new Work();
        work.LetGo(9);
        var host = scene.NewHost(options => options.Limits.AddRate("smtp", 1, TimeSpan.FromMinutes(1), burst: 2));
        var run = host.Run(() => Work.SendsMany(4));
        await scene.Steps(StepRunState.Waiting, 2);
        Assert.Equal(2, work.Started);
        Assert.Contains("1 per minute; the next may start in minute", (await scene.StepRuns()).First(step => step.State == StepRunState.Waiting).Reason, StringComparison.Ordinal);

        scene.Time.Advance(TimeSpan.FromMinutes(1));
        await scene.Steps(StepRunState.Waiting, 1);
        Assert.Equal(3, work.Started);
        scene.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(4, await run);
    }

    [Fact]
    public async Task What_somebody_sets_at_run_time_holds_at_once_and_is_shown_beside_what_is_declared()
    {
        await using var scene = new Scene();
        using var work = new Work();
        var host = scene.NewHost(options => options.Limits.Add("smtp", slots: 1));
        var run = host.Run(() => Work.SendsMany(3));
        await scene.Steps(StepRunState.Waiting, 2);

        await host.Host.Client.As("ada").SetLimitAsync("smtp", new LimitSettings { Slots = 3 }, "more is allowed now", Cancellation);

        await scene.Until(() => work.Under == 3);
        var limit = Assert.Single(await scene.Client.GetLimitsAsync(Cancellation));
        Assert.Equal((1, 3, "ada", "more is allowed now"), (limit.Declared!.Settings.Slots!.Value, limit.Settings.Slots!.Value, limit.Set!.Actor, limit.Set.Reason));
        work.LetGo(3);
        await run;
        Assert.True(await scene.Client.ResetLimitAsync("smtp", Cancellation));
        Assert.Equal(1, Assert.Single(await scene.Client.GetLimitsAsync(Cancellation)).Settings.Slots);
        var error = await Assert.ThrowsAsync<FletcherUsageException>(() => scene.Client.SetLimitAsync("smtp", new LimitSettings(), null, Cancellation));
        Assert.Equal("FLT1601", error.Id);
        Assert.Equal("FLT1601", Assert.Throws<FletcherUsageException>(() => new FletcherOptions().Limits.Add("smtp", -1)).Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failures_open_the_breaker_which_holds_starters_with_the_reason_until_a_probe_succeeds(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        using var work = new Work();
        var host = scene.NewHost(options => options.Limits.AddBreaker("smtp", 2, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)));
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<InvalidOperationException>(() => host.Run(() => Task.Run(() => Work.Fails())));
        await UntilAsync(async () => (await scene.Client.GetLimitLanesAsync("smtp", null, Cancellation)) is [{ OpenUntil: not null }]); // nobody waits for what a step leaves behind

        work.LetGo(9);
        var run = host.Run(() => Work.SendsMany(2));
        await scene.Steps(StepRunState.Waiting, 2);
        var reason = (await scene.StepRuns((await scene.RunOf("SendsMany")).Id))[0].Reason;
        Assert.Contains("its breaker is open because 'Work.Broken' failed 2 times within 00:01:00 with Code: InvalidOperationException", reason, StringComparison.Ordinal);
        Assert.Contains("one may try at 2026-10-01 12:05:00Z", reason, StringComparison.Ordinal);
        Assert.Equal(0, work.Started);

        scene.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(2, await run);
        await NobodyIsLeftIn(scene, "smtp");
    }

    [Fact]
    public async Task An_attempt_that_was_made_before_a_wait_counts_after_a_crash_in_that_wait()
    {
        var store = new SurvivingStore();
        using var work = new Work();
        var killed = new TestHost(store, configure: options => options.Limits.Add("smtp", slots: 1));
        var holder = new TestHost(store.Reopen());
        var holding = holder.Run(() => Work.SendsMany(0));
        await holding;
        work.BeforeFailure = async () => await killed.Host.Client.SetLimitAsync("smtp", new LimitSettings { Slots = 0 }, null, Cancellation);
        var lost = killed.Run(() => Work.RetriesOnce());
        await UntilAsync(async () => (await killed.Host.Store.GetFlowRunsAsync(new() { }, Cancellation)).FirstOrDefault(run => run.Flow.EndsWith("RetriesOnce", StringComparison.Ordinal)) is { } run
            && (await killed.Steps(run.Id)).Any(step => step is { State: StepRunState.Waiting, Attempt: 1 }));
        store.Kill();

        await using var next = new TestHost(store.Reopen());
        work.BeforeFailure = null;
        var run = next.Run(() => Work.RetriesOnce());
        await UntilAsync(async () => (await next.Store.Limits!.GetLanesAsync("smtp", null, null, 1, Cancellation)) is [{ Waiters: [{ Fence: > 1 }] }]);
        await next.Host.Client.ResetLimitAsync("smtp", Cancellation);
        await Assert.ThrowsAsync<InvalidOperationException>(() => run);

        Assert.Equal(2, work.Started); // one before the crash, one after: the budget is two
        await store.End(killed, lost);
        await holder.DisposeAsync();
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(30), "It did not come to that within 30 s.");
            await Task.Yield();
        }
    }

    private static Task NobodyIsLeftIn(Scene scene, string limit) => UntilAsync(async () =>
        (await (await scene.Store()).Limits!.GetLanesAsync(limit, null, null, 9, Cancellation)).All(lane => lane.HolderCount + lane.WaiterCount == 0));
}
