using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>Limits in time: of an attempt, of a step with all its attempts, of a flow.</summary>
public sealed class TimeoutTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task An_attempt_that_heeds_its_token_fails_at_its_limit()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start();

        var run = host.Run(() => Work.Heeding());
        await Work.Inside.Task.WithinLimit();
        await clock.Pass(Limit);

        var error = await Assert.ThrowsAsync<StepTimeoutException>(() => run);
        Assert.Contains("Attempt 1 of 'TimeoutTests.Work.Heed' took longer than its Timeout of 10s", error.Message, StringComparison.Ordinal);
        var step = await host.Step("Heed");
        Assert.Equal((StepRunState.Failed, FailureClass.Timeout), (step.State, step.Error!.Class));
        Assert.Equal(0, host.Host.LeakCount);
    }

    [Fact]
    public async Task An_attempt_that_ignores_its_token_fails_at_its_limit_and_counts_as_leaked_until_it_ends()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start();

        var run = host.Run(() => Work.Ignoring());
        await Work.Inside.Task.WithinLimit();
        await clock.Pass(Limit);

        var error = await Assert.ThrowsAsync<StepTimeoutException>(() => run);
        Assert.Contains("did not heed", error.Message, StringComparison.Ordinal);
        Assert.Equal(StepRunState.Failed, (await host.Step("Ignore")).State);
        Assert.Equal(1, host.Host.LeakCount);
        Work.LetGo.SetResult();
        await Work.Gone.Task.WithinLimit();
        await Work.Until(() => host.Host.LeakCount == 0);
    }

    [Fact]
    public async Task A_synchronous_step_is_left_behind_at_its_limit()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start();

        var run = host.Run(() => Work.Blocking());
        await Work.Inside.Task.WithinLimit();
        await clock.Pass(Limit);

        await Assert.ThrowsAsync<StepTimeoutException>(() => run);
        Assert.Equal(1, host.Host.LeakCount);
        Work.LetGo.SetResult();
        await Work.Until(() => host.Host.LeakCount == 0);
    }

    [Fact]
    public async Task All_attempts_together_end_at_the_total_limit()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start();

        // Attempts begin at 0, 6 and 12 seconds; a fourth would begin at 18 and is not waited for, as the limit is 15.
        var run = host.Run(() => Work.InTotal());
        await clock.Pass(TimeSpan.FromSeconds(6));
        await clock.Pass(TimeSpan.FromSeconds(6));

        await Assert.ThrowsAsync<IOException>(() => run);
        Assert.Equal(3, (await host.Step("FailInTotal")).Attempt);
    }

    [Fact]
    public async Task The_total_limit_cuts_an_attempt_short()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start();

        var run = host.Run(() => Work.Long());
        await Work.Inside.Task.WithinLimit();
        await clock.Pass(TimeSpan.FromSeconds(15));

        var error = await Assert.ThrowsAsync<StepTimeoutException>(() => run);
        Assert.Contains("TotalTimeout of 15s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_whose_total_limit_passed_while_no_process_ran_it_is_not_begun_again()
    {
        var clock = new TestClock();
        var store = new SurvivingStore();
        Work.Start();
        var crashed = new TestHost(store, clock);
        var lost = crashed.Host.RunAsync(() => Work.InTotal());
        await clock.Armed(TimeSpan.FromSeconds(6));
        store.Kill();
        clock.Advance(TimeSpan.FromHours(1));

        await using var host = new TestHost(store.Reopen(), clock);
        await Assert.ThrowsAsync<StepTimeoutException>(() => host.Run(() => Work.InTotal()));

        Assert.Equal(1, Work.Attempts);
        await store.End(crashed, lost);
    }

    [Fact]
    public async Task A_limit_longer_than_a_timer_can_be_is_no_error()
    {
        await using var host = TestHost.InMemory(new TestClock());
        Work.Start();

        Assert.Equal(7, await host.Run(() => Work.Generous()));
    }

    [Fact]
    public async Task A_flow_fails_at_its_limit_and_its_steps_are_stopped()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start();

        var run = host.Run(() => Work.SlowFlow());
        await Work.Inside.Task.WithinLimit();
        await clock.Pass(TimeSpan.FromMinutes(1));

        var error = await Assert.ThrowsAsync<StepTimeoutException>(() => run);
        Assert.Contains("Flow 'TimeoutTests.Work.SlowFlow' took longer than its Timeout of 1m", error.Message, StringComparison.Ordinal);
        Assert.Equal(FlowRunState.Failed, (await host.OnlyRun()).State);
        var step = await host.Step("Endless");
        Assert.Equal((StepRunState.Cancelled, "the flow's Timeout of 1m was up"), (step.State, step.Reason));
        Assert.Equal(0, host.Host.LeakCount);
    }

    [Fact]
    public async Task A_flow_fails_at_its_limit_even_if_a_step_in_it_ignores_its_token()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start();

        var run = host.Run(() => Work.StubbornFlow());
        await Work.Inside.Task.WithinLimit();
        await clock.Pass(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<StepTimeoutException>(() => run);
        Assert.Equal(FlowRunState.Failed, (await host.OnlyRun()).State);
        Assert.Equal(1, host.Host.LeakCount); // its body and the step in it are one
        Assert.Single(host.Seen.Notes, IsOfLeak);
        Work.LetGo.SetResult();
        await Work.Until(() => host.Host.LeakCount == 0);
    }

    [Fact]
    public async Task A_body_that_ignores_the_limit_of_its_flow_counts_until_it_ends()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start();

        var run = host.Run(() => Work.StubbornBody());
        await Work.Inside.Task.WithinLimit();
        await clock.Pass(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<StepTimeoutException>(() => run);
        Assert.Equal(1, host.Host.LeakCount);
        Assert.Single(host.Seen.Notes, IsOfLeak);
        Work.LetGo.SetResult();
        await Work.Until(() => host.Host.LeakCount == 0);
    }

    [Fact]
    public async Task A_step_that_nobody_awaits_and_that_ignores_its_cancellation_counts_once()
    {
        await using var host = new TestHost(new SurvivingStore(), configure: options => options.CancelGrace = TimeSpan.Zero);
        Work.Start();

        var run = host.Run(() => Work.Forgets());
        await Work.Inside.Task.WithinLimit();
        await host.Host.Client.CancelAsync((await host.OnlyRun()).Id, cancellationToken: TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Equal(1, host.Host.LeakCount);
        Assert.Single(host.Seen.Notes, IsOfLeak);
        Work.LetGo.SetResult();
        await Work.Until(() => host.Host.LeakCount == 0);
    }

    [Fact]
    public async Task A_step_that_was_left_behind_is_not_marked_as_running_while_the_run_s_end_is_written()
    {
        var store = new SurvivingStore();
        var ends = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.HoldWrite = batch =>
        {
            if (!batch.FlowRuns.Any(each => each.State == FlowRunState.Cancelled))
                return Task.CompletedTask;
            ends.TrySetResult();
            return written.Task;
        };
        await using var host = new TestHost(store, configure: options => options.CancelGrace = TimeSpan.Zero);
        Work.Start();
        var run = host.Run(() => Work.Forgets());
        await Work.Inside.Task.WithinLimit();
        var inside = host.Host.Now;
        await host.Host.Client.CancelAsync((await host.OnlyRun()).Id, cancellationToken: TestContext.Current.CancellationToken);
        await ends.Task.WithinLimit();

        await Work.Until(() => host.Host.Now - inside > TimeSpan.FromMilliseconds(200)); // from then on steps are marked
        host.Host.Pulse.Beat();
        written.SetResult();

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        await host.Host.FlushAsync();
        Assert.Equal(StepRunState.Cancelled, Assert.Single(await host.Steps()).State);
        Work.LetGo.SetResult();
        await Work.Until(() => host.Host.LeakCount == 0);
    }

    [Fact]
    public async Task A_sub_flow_that_ignores_the_limit_of_the_flow_around_it_ends_before_that_does()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start();

        var run = host.Run(() => Work.StubbornAround());
        await Work.Inside.Task.WithinLimit();
        await clock.Pass(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<StepTimeoutException>(() => run);
        Assert.Equal([FlowRunState.Failed, FlowRunState.Cancelled], (await host.Runs()).Select(each => each.State));
        foreach (var each in await host.Runs())
            Assert.All(await host.Steps(each.Id), step => Assert.Equal(StepRunState.Cancelled, step.State));
        Work.LetGo.SetResult();
        await Work.Until(() => host.Host.LeakCount == 0);
    }

    private static bool IsOfLeak(string note) => note.Contains("does not heed", StringComparison.Ordinal);

    internal static class Work
    {
        internal static TaskCompletionSource Inside { get; private set; } = new();

        internal static TaskCompletionSource LetGo { get; private set; } = new();

        internal static TaskCompletionSource Gone { get; private set; } = new();

        internal static int Attempts { get; private set; }

        internal static void Start()
        {
            Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            LetGo = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Attempts = 0;
        }

        internal static async Task Until(Func<bool> condition)
        {
            async Task PollAsync()
            {
                while (!condition())
                    await Task.Yield();
            }

            await Task.Run(PollAsync).WithinLimit();
        }

        [Flow]
        internal static Task Heeding() => Heed();

        [Flow]
        internal static Task Ignoring() => Ignore();

        [Flow]
        internal static async Task Blocking()
        {
            await Task.Yield();
            Block();
        }

        [Flow]
        internal static Task InTotal() => FailInTotal();

        [Flow]
        internal static Task Long() => CutShort();

        [Flow]
        internal static Task<int> Generous() => Seven();

        [Flow(Timeout = "1m")]
        internal static Task SlowFlow() => Endless();

        [Flow(Timeout = "1m")]
        internal static Task StubbornFlow() => Stubborn();

        [Flow(Timeout = "1m")]
        internal static async Task StubbornBody()
        {
            Inside.TrySetResult();
            await LetGo.Task;
        }

        [Flow]
        internal static async Task Forgets()
        {
            _ = Stubborn();
            await Task.Yield();
        }

        [Flow(Timeout = "1m")]
        internal static Task StubbornAround() => StubbornInside();

        [Flow]
        internal static Task StubbornInside() => Stubborn();

        [Step(Timeout = "10s")]
        internal static async Task Heed(CancellationToken ct = default)
        {
            Inside.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
        }

        [Step(Timeout = "10s")]
        internal static async Task Ignore()
        {
            Inside.TrySetResult();
            await LetGo.Task;
            Gone.SetResult();
        }

        [Step(Timeout = "10s")]
        internal static void Block()
        {
            Inside.TrySetResult();
            LetGo.Task.GetAwaiter().GetResult();
        }

        [Step(Retries = 9, Backoff = "6s", TotalTimeout = "15s")]
        internal static async Task FailInTotal()
        {
            await Task.Yield();
            Attempts++;
            throw new IOException();
        }

        [Step(TotalTimeout = "15s")]
        internal static async Task CutShort(CancellationToken ct = default)
        {
            Inside.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
        }

        [Step(Timeout = "90d")]
        internal static async Task<int> Seven()
        {
            await Task.Yield();
            return 7;
        }

        [Step]
        internal static async Task Endless(CancellationToken ct = default)
        {
            Inside.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
        }

        [Step]
        internal static async Task Stubborn()
        {
            Inside.TrySetResult();
            await LetGo.Task;
        }
    }
}
