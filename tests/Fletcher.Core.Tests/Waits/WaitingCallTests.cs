using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Engine.Tests.Waits;

/// <summary>Calls that wait for a run which somebody else executes, and which is cancelled, fails or completes meanwhile.</summary>
public sealed class WaitingCallTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_second_call_for_a_key_is_told_that_the_run_was_cancelled_and_starts_no_other(bool sqlite, bool isOtherHost)
    {
        await using var scene = new Scene(sqlite);
        var first = Begin(scene, () => Work.Once("k"));
        await Work.Began.Task.WithinLimit();
        var id = (await scene.Run()).Id;
        var host = isOtherHost ? scene.NewHost() : scene.Host;
        var second = host.Run(() => Work.Once("k"));
        await Work.LookedFor(scene, isOtherHost);

        await scene.Client.As("ada").CancelAsync(id, "not now", Cancellation);

        Assert.EndsWith("cancelled by ada: not now.", (await Assert.ThrowsAsync<RunCancelledException>(() => first)).Message, StringComparison.Ordinal);
        await scene.Until(run => run.State == FlowRunState.Cancelled);
        scene.Time.Advance(TimeSpan.FromSeconds(1)); // how long it waits between two looks
        Assert.EndsWith("cancelled by ada: not now.", (await Assert.ThrowsAsync<RunCancelledException>(() => second)).Message, StringComparison.Ordinal);
        Assert.Single(await scene.Runs());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_handle_of_a_started_run_says_who_cancelled_it(bool isParked)
    {
        await using var scene = new Scene();
        Work.Start();
        await scene.NewHost().Run(() => isParked ? Work.StartsWaiter() : Work.Starts());
        if (isParked)
            await scene.Parked("Waits");
        else
            await Work.Began.Task.WithinLimit();

        await scene.Client.As("ada").CancelAsync(Work.Started!.Id, cancellationToken: Cancellation);

        var error = await Assert.ThrowsAsync<RunCancelledException>(() => Work.Started.Completion.WithinLimit());
        Assert.EndsWith("ended Cancelled: cancelled by ada.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_whose_parked_run_another_host_cancels_is_told_so()
    {
        await using var scene = new Scene(sqlite: true);
        var run = Begin(scene, () => Work.Waits());
        var parked = await scene.Parked();
        var (store, other) = (await scene.Store(), Guid.CreateVersion7());

        // The other host takes it, and ends it.
        var claimed = await store.TryClaimAsync(parked.Id, parked.Version, other, Scene.Start, Cancellation);
        await store.WriteAsync(
            new() { FlowRuns = { claimed! with { State = FlowRunState.Cancelled, HostId = null, Reason = "cancelled by ada", EndedAt = Scene.Start } } }, Cancellation);
        scene.Time.Advance(TimeSpan.FromMinutes(1)); // so that it is looked at again

        var error = await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.EndsWith("ended Cancelled: cancelled by ada.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flow_that_started_a_run_and_finds_it_cancelled_is_told_by_whom()
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.StartsAndWaits());
        await scene.Parked("StartsAndWaits");
        var inner = await scene.Parked("Waits");

        await scene.Client.As("ada").CancelAsync(inner.Id, cancellationToken: Cancellation);
        await scene.Until(run => run.State == FlowRunState.Cancelled, "Waits");
        scene.Time.Advance(TimeSpan.FromHours(1));

        Assert.EndsWith("ended Cancelled: cancelled by ada.", await run, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_that_must_run_at_most_once_and_was_cancelled_says_so_when_it_is_met_again()
    {
        await using var scene = new Scene();
        var run = Begin(scene, () => Work.GivesUpAndSleeps());
        await scene.Parked();

        scene.Time.Advance(TimeSpan.FromHours(1));

        Assert.Contains(
            "'WaitingCallTests.Work.Charge' was stopped in its middle before (the token that it was given was cancelled) and must run at most once",
            await run, StringComparison.Ordinal);
        Assert.Equal(1, Work.Charges);
    }

    [Fact]
    public async Task A_caller_that_gives_up_while_its_run_becomes_due_leaves_no_run_that_nobody_executes()
    {
        for (var round = 0; round < 50; round++)
        {
            await using var scene = new Scene();
            using var caller = new CancellationTokenSource();
            var run = Begin(scene, () => Work.Sleeps(caller.Token));
            await scene.Parked();

            scene.Time.Advance(TimeSpan.FromHours(1));
            var beat = Task.Run(async () => await scene.Host.Host.Parked.BeatAsync(), Cancellation);
            await caller.CancelAsync();
            await beat;

            await run.ContinueWith(done => done.Exception, TaskScheduler.Default);
            await scene.Until(run => run.State is FlowRunState.Cancelled or FlowRunState.Completed);
            await scene.Until(() => scene.Host.Host.Executions.Count == 0); // a moment after the store says so
        }
    }

    private static Task<T> Begin<T>(Scene scene, Func<Task<T>> flow)
    {
        Work.Start();
        return scene.NewHost().Run(flow);
    }

    internal static class Work
    {
        private static int _charges;

        internal static TaskCompletionSource Began { get; private set; } = new();

        internal static FlowRunHandle<int>? Started { get; private set; }

        internal static int Charges => Volatile.Read(ref _charges);

        internal static void Start()
        {
            Began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _charges = 0;
        }

        /// <summary>Waits until a second call has found that the first has the key.</summary>
        internal static async Task LookedFor(Scene scene, bool isOtherHost)
        {
            if (isOtherHost)
                await scene.Until(() => scene.Host.Seen.Notes.Count == 1);
            else
                await Task.Run(() => { }, Cancellation); // it waits for the end of the execution, or finds the run cancelled: both are right
        }

        [Flow(Once = "{key}")]
        internal static async Task<string> Once(string key)
        {
            await Forever();
            return key;
        }

        [Flow]
        internal static async Task<int> Waits() => await Flow.WaitFor<int>("never");

        [Flow]
        internal static async Task<int> Endless()
        {
            await Forever();
            return 1;
        }

        [Flow]
        internal static async Task Starts() => Started = await Flow.Start(() => Endless());

        [Flow]
        internal static async Task StartsWaiter() => Started = await Flow.Start(() => Waits());

        [Flow]
        internal static async Task<string> StartsAndWaits()
        {
            var started = await Flow.Start(() => Waits());
            await Flow.Sleep(TimeSpan.FromHours(1));
            try
            {
                return $"{await started.Completion}";
            }
            catch (OperationCanceledException e)
            {
                return e.Message;
            }
        }

        [Flow]
        internal static async Task<int> Sleeps(CancellationToken ct)
        {
            await Flow.Sleep(TimeSpan.FromHours(1), ct);
            return 1;
        }

        [Flow]
        internal static async Task<string> GivesUpAndSleeps()
        {
            using var own = new CancellationTokenSource();
            var charge = Charge(own.Token);
            await own.CancelAsync();
            var outcome = await Flow.Try(() => charge);
            await Flow.Sleep(TimeSpan.FromHours(1));
            return outcome.Error!.Message;
        }

        [Step]
        internal static async Task Forever(CancellationToken ct = default)
        {
            Began.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
        }

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static async Task<int> Charge(CancellationToken ct)
        {
            Interlocked.Increment(ref _charges);
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            return 1;
        }
    }
}
