using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>When a failed step is tried again, and when not.</summary>
public sealed class RetryTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_step_that_fails_is_retried_after_its_backoff()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start(n => n < 4 ? throw new IOException($"attempt {n}") : n);

        var run = host.Run(() => Work.List());
        await clock.Pass(Second);
        await clock.Pass(10 * Second);
        await clock.Pass(10 * Second);

        Assert.Equal(4, await run);
        var step = await host.Step("Listed");
        Assert.Equal((StepRunState.Completed, 4), (step.State, step.Attempt));
        Assert.Equal(
            ["retry 1 of 3 at 12:00:01", "retry 2 of 3 at 12:00:11", "retry 3 of 3 at 12:00:21"],
            (await host.Ledger()).Select(e => e.Next));
    }

    [Fact]
    public async Task A_step_without_retries_left_fails_with_its_own_exception_and_its_last_attempt()
    {
        await using var host = TestHost.InMemory();
        Work.Start(n => throw new IOException($"attempt {n}"));

        var error = await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.AtOnce()));

        Assert.Equal("attempt 3", error.Message);
        var step = await host.Step("Immediate");
        Assert.Equal((StepRunState.Failed, 3), (step.State, step.Attempt));
        Assert.Equal("attempt 3", step.Error!.Message);
    }

    [Fact]
    public async Task An_exponential_backoff_grows_to_its_cap()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start(n => n < 5 ? throw new IOException() : n);

        var run = host.Run(() => Work.Growing());
        foreach (var seconds in new[] { 1, 3, 5, 5 })
            await clock.Pass(seconds * Second);

        Assert.Equal(5, await run);
    }

    [Fact]
    public async Task A_backoff_longer_than_a_timer_can_be_is_waited_for()
    {
        var clock = new TestClock();

        // The host's pulse beats in real time, on a slow machine also between two of the waits: there it would park the run, and a parked run begins no wait.
        await using var host = new TestHost(new SurvivingStore(clock), clock, o => o.ParkAfter = TimeSpan.FromDays(1000));
        Work.Start(n => n < 2 ? throw new IOException() : n);

        var run = host.Run(() => Work.Quarterly());
        for (var days = 0; days < 100 && !run.IsCompleted; days += 30)
        {
            await clock.Armed(TimeSpan.FromDays(Math.Min(30, 100 - days)));
            Assert.False(run.IsCompleted);
            clock.Advance(TimeSpan.FromDays(Math.Min(30, 100 - days)));
            host.Host.Pulse.Beat();
        }

        Assert.Equal(2, await run);
        Assert.Equal(100, (clock.Now - (await host.Step("InHundredDays")).StartedAt!.Value).TotalDays);
    }

    [Theory]
    [InlineData(typeof(FileNotFoundException), 1)]
    [InlineData(typeof(EndOfStreamException), 2)]
    [InlineData(typeof(InvalidOperationException), 1)]
    public async Task Only_the_exceptions_that_the_step_names_are_retried(Type type, int attempts)
    {
        await using var host = TestHost.InMemory();
        Work.Start(_ => throw (Exception)Activator.CreateInstance(type)!);

        await Assert.ThrowsAsync(type, () => host.Run(() => Work.Choosy()));

        Assert.Equal(attempts, (await host.Step("Picky")).Attempt);
    }

    [Theory]
    [InlineData("temporary", 3)]
    [InlineData("final", 1)]
    public async Task A_predicate_decides_whether_to_retry(string message, int attempts)
    {
        await using var host = TestHost.InMemory();
        Work.Start(_ => throw new IOException(message));

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Asking()));

        Assert.Equal(attempts, (await host.Step("Judged")).Attempt);
    }

    [Fact]
    public async Task An_error_of_Fletcher_itself_is_not_retried()
    {
        await using var host = TestHost.InMemory();
        Work.Start(_ => throw new FletcherUsageException("FLT9999", "used wrongly"));

        await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Work.AtOnce()));

        Assert.Equal(1, (await host.Step("Immediate")).Attempt);
    }

    [Fact]
    public async Task A_cancellation_that_nobody_asked_for_is_a_failure_like_any_other()
    {
        await using var host = TestHost.InMemory();
        Work.Start(_ => throw new TaskCanceledException("the HTTP client's own time-out"));

        await Assert.ThrowsAsync<TaskCanceledException>(() => host.Run(() => Work.AtOnce()));

        var step = await host.Step("Immediate");
        Assert.Equal((StepRunState.Failed, 3), (step.State, step.Attempt));
        Assert.Equal(FlowRunState.Failed, (await host.OnlyRun()).State);
    }

    [Fact]
    public async Task The_time_of_the_next_attempt_survives_a_crash()
    {
        var clock = new TestClock();
        var store = new SurvivingStore();
        Work.Start(n => n < 3 ? throw new IOException() : n);
        var crashed = new TestHost(store, clock);
        var lost = crashed.Host.RunAsync(() => Work.List());
        await clock.Pass(Second);
        await clock.Armed(10 * Second);
        store.Kill();
        clock.Advance(4 * Second);

        await using var host = new TestHost(store.Reopen(), clock);
        var run = host.Run(() => Work.List());
        await clock.Armed(6 * Second);
        Assert.False(run.IsCompleted);
        clock.Advance(6 * Second);

        Assert.Equal(3, await run);
        Assert.Equal(3, (await host.Step("Listed")).Attempt);
        await store.End(crashed, lost);
    }

    [Fact]
    public async Task A_crash_inside_an_attempt_does_not_count_against_the_retries()
    {
        var store = new SurvivingStore();
        var inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Start(_ => throw new IOException());
        Work.Async = async n =>
        {
            inside.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, Flow.Current.CancellationToken);
            return n;
        };
        var crashed = new TestHost(store);
        var lost = crashed.Host.RunAsync(() => Work.AtOnce());
        await inside.Task.WithinLimit();
        store.Kill();

        Work.Async = null;
        await using var host = new TestHost(store.Reopen());
        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.AtOnce()));

        Assert.Equal(3, (await host.Step("Immediate")).Attempt);
        await store.End(crashed, lost);
    }

    [Fact]
    public async Task A_failed_flow_is_executed_again_after_its_backoff_and_reuses_what_was_done()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start(n => n);
        Work.FlowBody = attempt => attempt < 3 ? throw new IOException($"flow attempt {attempt}") : attempt;

        var run = host.Run(() => Work.Again());
        await clock.Pass(Second);
        await clock.Pass(5 * Second);

        Assert.Equal(3, await run);
        Assert.Equal(1, Work.Attempts);
        Assert.Equal(3, (await host.OnlyRun()).Attempt);
    }

    [Fact]
    public async Task A_predicate_that_throws_means_no_retry()
    {
        await using var host = TestHost.InMemory();
        Work.Start(_ => throw new IOException(null, new ArgumentException("the predicate throws this")));

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Asking()));

        Assert.Equal(1, (await host.Step("Judged")).Attempt);
    }

    internal static class Work
    {
        private static Func<int, int> _body = n => n;

        internal static int Attempts { get; private set; }

        internal static Func<int, Task<int>>? Async { get; set; }

        internal static Func<int, int> FlowBody { get; set; } = n => n;

        internal static void Start(Func<int, int> body)
        {
            (_body, Attempts, Async) = (body, 0, null);
        }

        [Flow]
        internal static Task<int> List() => Listed();

        [Flow]
        internal static Task<int> AtOnce() => Immediate();

        [Flow]
        internal static Task<int> Growing() => Exponential();

        [Flow]
        internal static Task<int> Quarterly() => InHundredDays();

        [Flow]
        internal static Task<int> Choosy() => Picky();

        [Flow]
        internal static Task<int> Asking() => Judged();

        [Flow(Retries = 2, Backoff = "1s, 5s")]
        internal static async Task<int> Again()
        {
            await Plain();
            return FlowBody(Flow.Current.FlowAttempt);
        }

        [Step(Retries = 3, Backoff = "1s, 10s")]
        internal static Task<int> Listed() => Attempt();

        [Step(Retries = 2)]
        internal static Task<int> Immediate() => Attempt();

        [Step(Retries = 4, Backoff = "exponential 1s x3 max 5s")]
        internal static Task<int> Exponential() => Attempt();

        [Step(Retries = 1, Backoff = "100d")]
        internal static Task<int> InHundredDays() => Attempt();

        [Step(Retries = 1, RetryOn = [typeof(IOException)], NoRetryOn = [typeof(FileNotFoundException)])]
        internal static Task<int> Picky() => Attempt();

        [Step(Retries = 2, RetryIf = nameof(IsTemporary))]
        internal static Task<int> Judged() => Attempt();

        [Step]
        internal static Task<int> Plain() => Attempt();

        internal static bool IsTemporary(Exception error) =>
            error.InnerException is { } inner ? throw inner : error.Message == "temporary";

        private static async Task<int> Attempt()
        {
            Attempts++;
            await Task.Yield();
            return Async is { } wait ? await wait(Flow.Current.StepAttempt) : _body(Flow.Current.StepAttempt);
        }
    }
}
