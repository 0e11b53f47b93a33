using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>How runs and steps stop when they are asked to.</summary>
public sealed class CancellationTests
{
    [Fact]
    public async Task A_run_whose_callers_token_is_cancelled_stops_and_is_cancelled()
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        using var caller = new CancellationTokenSource();

        var run = host.Run(() => Work.Endless(caller.Token));
        await Work.Inside.Task.WithinLimit();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        var record = await host.OnlyRun();
        Assert.Equal((FlowRunState.Cancelled, "the caller's token was cancelled"), (record.State, record.Reason));
        Assert.Equal(StepRunState.Cancelled, (await host.Step("Forever")).State);
    }

    [Fact]
    public async Task A_host_that_ends_hands_its_runs_over()
    {
        var store = new SurvivingStore();
        var host = new TestHost(store);
        Work.Start();

        var run = host.Run(() => Work.Endless(default));
        await Work.Inside.Task.WithinLimit();
        await host.DisposeAsync();
        await Assert.ThrowsAsync<RunHandedOverException>(() => run);

        var record = await host.OnlyRun();
        Assert.Equal((FlowRunState.Queued, "its host stops"), (record.State, record.Reason));
    }

    [Fact]
    public async Task Nothing_starts_in_a_run_that_is_to_stop()
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        using var caller = new CancellationTokenSource();

        var run = host.Run(() => Work.StartsUnder(caller, caller.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        Assert.Equal(["caught"], Work.Script.Lines);
        Assert.Empty(await host.Steps());
    }

    [Fact]
    public async Task A_run_that_is_cancelled_while_a_step_waits_for_its_retry_leaves_no_step_open()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start();
        using var caller = new CancellationTokenSource();

        var run = host.Run(() => Work.Patient(caller.Token));
        await clock.Armed(TimeSpan.FromHours(1));
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        var step = await host.Step("Failing");
        Assert.Equal((StepRunState.Cancelled, 1), (step.State, step.Attempt));
        Assert.Equal(FlowRunState.Cancelled, (await host.OnlyRun()).State);
    }

    [Fact]
    public async Task A_token_that_the_flow_gave_to_a_step_ends_the_wait_for_its_retry()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start();

        var run = host.Run(() => Work.GivesUp(clock));

        Assert.Equal("Cancelled", await run);
        var step = await host.Step("Failing");
        Assert.Equal((StepRunState.Cancelled, "the token that it was given was cancelled"), (step.State, step.Reason));
        Assert.Equal(FlowRunState.Completed, (await host.OnlyRun()).State);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_while_the_flow_waits_for_its_retry_is_cancelled_for_good()
    {
        var clock = new TestClock();
        var store = new SurvivingStore();
        Work.Start();
        await using (var host = new TestHost(store, clock))
        {
            using var caller = new CancellationTokenSource();
            var run = host.Run(() => Work.Retried(caller.Token));
            await clock.Armed(TimeSpan.FromHours(2));
            await caller.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

            Assert.Equal(FlowRunState.Cancelled, (await host.OnlyRun()).State);
        }

        await using var next = new TestHost(store.Reopen(), clock);
        var again = next.Run(() => Work.Retried(default));
        await clock.Pass(TimeSpan.FromHours(2));
        await Assert.ThrowsAsync<IOException>(() => again);
        Assert.Equal([FlowRunState.Failed, FlowRunState.Cancelled], (await next.Runs()).Select(r => r.State));
    }

    [Fact]
    public async Task A_step_that_is_called_after_the_flow_has_ended_is_refused()
    {
        await using var host = TestHost.InMemory();
        Work.Start();

        await host.Run(() => Work.LeavesCodeBehind());
        Work.Inside.SetResult();

        var error = await Assert.ThrowsAsync<FletcherUsageException>(() => Work.LeftBehind.WithinLimit());
        Assert.Equal("FLT1207", error.Id);
        Assert.Contains("Say", error.Message, StringComparison.Ordinal);
        Assert.Empty(await host.Steps());
    }

    [Fact]
    public async Task A_step_that_is_called_while_the_end_of_the_flow_is_being_committed_is_refused()
    {
        var store = new SurvivingStore();
        await using var host = new TestHost(store);
        Work.Start();
        var ending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.HoldWrite = batch =>
        {
            if (!batch.FlowRuns.Exists(r => r.State == FlowRunState.Completed))
                return Task.CompletedTask;
            ending.TrySetResult();
            return goOn.Task;
        };

        var run = host.Run(() => Work.LeavesCodeBehind());
        await ending.Task.WithinLimit();
        Work.Inside.SetResult();
        await Work.LeftBehind.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken)
            .ContinueWith(_ => goOn.SetResult(), TaskScheduler.Default);
        await run;

        Assert.Equal("FLT1207", (await Assert.ThrowsAsync<FletcherUsageException>(() => Work.LeftBehind.WithinLimit())).Id);
        Assert.Empty(await host.Steps());
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static TaskCompletionSource Inside { get; private set; } = new();

        internal static Task LeftBehind { get; private set; } = Task.CompletedTask;

        internal static void Start()
        {
            Script.Clear();
            Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        [Flow]
        internal static async Task Endless(CancellationToken ct) => await Forever();

        [Flow]
        internal static async Task StartsUnder([NotInput] CancellationTokenSource caller, CancellationToken ct)
        {
            await caller.CancelAsync();
            try
            {
                await Say("never");
            }
            catch (OperationCanceledException)
            {
                Script.Say("caught");
            }

            await Say("never");
        }

        [Flow]
        internal static async Task Patient(CancellationToken ct) => await Failing();

        [Flow]
        internal static async Task<string> GivesUp([NotInput] TestClock clock)
        {
            using var own = new CancellationTokenSource();
            var step = Failing(own.Token);
            await clock.Armed(TimeSpan.FromHours(1));
            await own.CancelAsync();
            return (await Flow.Try(() => step)).Kind.ToString();
        }

        [Flow(Retries = 1, Backoff = "2h")]
        internal static async Task Retried(CancellationToken ct)
        {
            ct.ThrowIfCancellationRequested();
            await Say("body");
            throw new IOException();
        }

        [Flow]
        internal static async Task LeavesCodeBehind()
        {
            await Task.Yield();
            LeftBehind = Task.Run(async () =>
            {
                await Inside.Task;
                await Say("too late");
            });
        }

        [Step]
        internal static async Task Forever(CancellationToken ct = default)
        {
            Inside.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
        }

        [Step(Retries = 3, Backoff = "1h")]
        internal static Task<int> Failing(CancellationToken ct = default) => throw new IOException();

        [Step]
        internal static async Task Say(string line)
        {
            await Task.Yield();
            Script.Say(line);
        }
    }
}
