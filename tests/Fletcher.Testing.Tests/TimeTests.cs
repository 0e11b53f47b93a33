using Fletcher.Model;

namespace Fletcher.Testing.Tests;

/// <summary>Waits are skipped when nothing but waiting is left to do, and only then.</summary>
public sealed class TimeTests
{
    [Fact]
    public async Task A_backoff_of_days_passes_at_once_and_the_flow_sees_it()
    {
        await using var test = FlowTest.Start(o => o.StartTime = new(2026, 5, 1, 8, 0, 0, TimeSpan.Zero));
        test.Fail("Work", () => new HttpRequestException("busy"), attempt: 1);
        test.Fail("Work", () => new HttpRequestException("busy"), attempt: 2);

        var run = await test.RunAsync(() => new Sleeper().Works());

        run.ShouldComplete().Step("Work").ShouldHaveAttempts(3).ShouldHaveRun();
        Assert.Equal(new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.Zero), run.Result.Before);
        Assert.Equal(new DateTimeOffset(2026, 5, 7, 8, 0, 0, TimeSpan.Zero), run.Result.After); // 2 d, then 4 d
        Assert.Equal(run.Result.After, test.Time.GetUtcNow());
    }

    [Fact]
    public async Task The_wait_between_two_executions_of_a_flow_is_skipped()
    {
        await using var test = FlowTest.Start();
        test.Fail("Once", () => new IOException("disk"), times: 1);

        var run = await test.RunAsync(() => new Sleeper().Retried());

        run.ShouldComplete();
        Assert.Equal(2, run.Record!.Attempt);
        Assert.Equal(TimeSpan.FromHours(5), test.Time.GetUtcNow() - test.Time.Start);
    }

    [Fact]
    public async Task A_fraction_of_a_millisecond_is_waited_for_too()
    {
        await using var test = FlowTest.Start();
        test.Fail("Jittered", () => new IOException("disk"), attempt: 1);

        (await test.RunAsync(() => new Sleeper().Jitters())).ShouldComplete();

        Assert.InRange(test.Time.GetUtcNow() - test.Time.Start, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public async Task A_limit_does_not_pass_while_the_step_works()
    {
        await using var test = FlowTest.Start();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sleeper = new Sleeper { Gate = gate.Task };
        test.Fail("Work", () => new HttpRequestException("busy"), attempt: 1);

        // 'Work' rests for two days in a backoff; 'Limited' works, with a limit of a minute.
        var running = test.RunAsync(() => sleeper.Both());
        await sleeper.LimitedBegan.Task.WithinLimit();
        await sleeper.Resting(test).WithinLimit();
        for (var i = 0; i < 20; i++)
            await Settling.WaitAsync();
        Assert.Equal(test.Time.Start, test.Time.GetUtcNow());

        gate.SetResult();
        (await running).ShouldComplete().Step("Limited").ShouldHaveAttempts(1);
        Assert.Equal(TimeSpan.FromDays(2), test.Time.GetUtcNow() - test.Time.Start);
    }

    [Fact]
    public async Task A_limit_passes_when_the_test_moves_the_clock()
    {
        await using var test = FlowTest.Start();
        var sleeper = new Sleeper { Gate = Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken) };

        var running = test.RunAsync(() => sleeper.Both());
        await sleeper.LimitedBegan.Task.WithinLimit();
        test.Time.Advance(TimeSpan.FromMinutes(1));

        (await running).ShouldFail<StepTimeoutException>();
    }

    [Fact]
    public async Task A_limit_around_a_wait_passes_in_its_turn()
    {
        await using var test = FlowTest.Start();
        test.Fail("Work", () => new HttpRequestException("busy"));

        var run = await test.RunAsync(() => new Sleeper().Hurried());

        run.ShouldFail<StepTimeoutException>();
        Assert.Equal(FlowRunState.Failed, run.State);
        Assert.Equal(TimeSpan.FromHours(3), test.Time.GetUtcNow() - test.Time.Start);
    }

    [Fact]
    public async Task Waits_side_by_side_end_in_the_order_of_their_times()
    {
        await using var test = FlowTest.Start();
        test.Fail("Later", () => new IOException("disk"), attempt: 1);
        test.Fail("Sooner", () => new IOException("disk"), attempt: 1);
        var sleeper = new Sleeper();

        (await test.RunAsync(() => sleeper.SideBySide(test.Time))).ShouldComplete();

        Assert.Equal(["sooner at 1 h", "later at 30 h"], sleeper.Journal.Lines);
    }

    [Fact]
    public async Task A_run_that_was_started_on_its_own_is_waited_for_while_time_passes()
    {
        await using var test = FlowTest.Start();
        test.Fail("Work", () => new HttpRequestException("busy"), attempt: 1);
        var sleeper = new Sleeper();

        (await test.RunAsync(() => sleeper.Starts(true))).ShouldComplete();

        Assert.Equal(TimeSpan.FromDays(2), test.Time.GetUtcNow() - test.Time.Start);
    }

    [Fact]
    public async Task A_run_that_was_started_on_its_own_goes_on_after_the_one_that_started_it()
    {
        await using var test = FlowTest.Start();
        test.Fail("Work", () => new HttpRequestException("busy"), attempt: 1);
        var sleeper = new Sleeper();

        (await test.RunAsync(() => sleeper.Starts(false))).ShouldComplete();
        await sleeper.Started!.Completion.WithinLimit();

        Assert.Equal(TimeSpan.FromDays(2), test.Time.GetUtcNow() - test.Time.Start);
    }

    [Fact]
    public async Task Code_that_was_left_behind_does_not_hold_the_clock()
    {
        await using var test = FlowTest.Start();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sleeper = new Sleeper { Gate = gate.Task };
        var running = test.RunAsync(() => sleeper.Deaf());
        await sleeper.LimitedBegan.Task.WithinLimit();
        test.Time.Advance(TimeSpan.FromHours(1));
        (await running).ShouldFail<StepTimeoutException>();

        test.Fail("Work", () => new HttpRequestException("busy"), attempt: 1);
        (await test.RunAsync(() => sleeper.Works()).WithinLimit()).ShouldComplete();
        gate.SetResult();
    }

    [Fact]
    public async Task A_wait_for_which_a_thread_is_blocked_is_skipped_too()
    {
        await using var test = FlowTest.Start();
        test.Fail("Blocks", () => new IOException("disk"), attempt: 1);

        (await test.RunAsync(() => new Sleeper().Blocking())).ShouldComplete();

        Assert.Equal(TimeSpan.FromDays(7), test.Time.GetUtcNow() - test.Time.Start);
    }

    [Fact]
    public async Task Nothing_is_skipped_when_the_test_says_so()
    {
        await using var test = FlowTest.Start();
        test.Time.SkipsWaits = false;
        test.Fail("Work", () => new HttpRequestException("busy"), attempt: 1);
        var sleeper = new Sleeper();

        var running = test.RunAsync(() => sleeper.Works());
        await sleeper.Resting(test).WithinLimit();
        for (var i = 0; i < 10; i++)
            await Settling.WaitAsync();
        Assert.False(running.IsCompleted);
        test.Time.Advance(TimeSpan.FromDays(2));

        (await running).ShouldComplete();
    }

    [Fact]
    public async Task A_call_that_does_not_end_says_what_runs()
    {
        await using var test = FlowTest.Start(o => o.Limit = TimeSpan.FromMilliseconds(200));
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sleeper = new Sleeper { Gate = gate.Task };

        var error = await Assert.ThrowsAsync<FlowAssertException>(() => test.RunAsync(() => sleeper.Both()));

        Assert.Contains("This runs: step 'TimeTests.Sleeper.Limited'.", error.Message, StringComparison.Ordinal);
        Assert.Contains("Sleeper.Work", error.Message, StringComparison.Ordinal);
        gate.SetResult();
    }

    [Fact]
    public async Task Two_calls_for_one_key_wait_for_one_another_while_time_passes()
    {
        await using var test = FlowTest.Start();
        test.Fail("Work", () => new HttpRequestException("busy"), attempt: 1);
        var sleeper = new Sleeper();

        var both = await Task.WhenAll(test.RunAsync(() => sleeper.OnlyOnce("a")), test.RunAsync(() => sleeper.OnlyOnce("a"))).WithinLimit();

        Assert.All(both, run => run.ShouldComplete());
        Assert.Equal(1, sleeper.Journal.Count("work"));
    }

    internal sealed class Sleeper
    {
        internal Journal Journal { get; } = new();

        internal Task Gate { get; init; } = Task.CompletedTask;

        internal TaskCompletionSource LimitedBegan { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Waits until a step rests.</summary>
        internal async Task Resting(FlowTestHost test)
        {
            while (true)
            {
                foreach (var run in await test.Reader.RootsAsync())
                {
                    await foreach (var step in test.Store.GetStepRunsAsync(run.Id, TestContext.Current.CancellationToken))
                    {
                        if (step.State == StepRunState.Retrying)
                            return;
                    }
                }

                await Task.Yield();
            }
        }

        [Flow]
        internal async Task<(DateTimeOffset Before, DateTimeOffset After)> Works()
        {
            var before = Flow.Now;
            await Work();
            return (before, Flow.Now);
        }

        [Flow(Retries = 1, Backoff = "5h")]
        internal async Task Retried() => await Once();

        [Flow]
        internal async Task Jitters() => await Jittered();

        [Flow]
        internal async Task Both() => await Task.WhenAll(Work(), Limited());

        [Flow(Timeout = "3h")]
        internal async Task Hurried() => await Work();

        [Flow]
        internal async Task SideBySide(TimeProvider time)
        {
            var start = time.GetUtcNow();
            await Task.WhenAll(Later(), Sooner());

            async Task Later()
            {
                await Step.Run("Later", () => Task.CompletedTask, options: new StepOptions { Retries = 1, Backoff = "30h" });
                Journal.Say($"later at {(time.GetUtcNow() - start).TotalHours} h");
            }

            async Task Sooner()
            {
                await Step.Run("Sooner", () => Task.CompletedTask, options: new StepOptions { Retries = 1, Backoff = "1h" });
                Journal.Say($"sooner at {(time.GetUtcNow() - start).TotalHours} h");
            }
        }

        [Flow(Once = "{key}")]
        internal async Task OnlyOnce(string key) => await Work();

        [Step(Retries = 2, Backoff = "exponential 2d")]
        internal async Task Work()
        {
            await Task.Yield();
            Journal.Say("work");
        }

        internal FlowRunHandle<(DateTimeOffset, DateTimeOffset)>? Started { get; private set; }

        [Flow]
        internal async Task Starts(bool awaits)
        {
            Started = await Flow.Start(() => Works());
            if (awaits)
                await Started.Completion;
        }

        [Flow(Timeout = "1h")]
        internal async Task Deaf() => await Unlimited();

        [Step]
        internal async Task Unlimited()
        {
            LimitedBegan.TrySetResult();
            await Gate;
        }

        [Flow]
        internal int Blocking() => Blocks();

        [Step(Retries = 1, Backoff = "7d")]
        internal int Blocks() => 1;

        [Step]
        internal Task Once() => Task.CompletedTask;

        [Step(Retries = 1, Backoff = "10ms", Jitter = 0.9)]
        internal Task Jittered() => Task.CompletedTask;

        [Step(Timeout = "1m")]
        internal async Task Limited()
        {
            LimitedBegan.TrySetResult();
            await Gate;
        }
    }
}
