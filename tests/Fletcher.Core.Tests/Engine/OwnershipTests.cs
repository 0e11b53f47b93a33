using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>Runs change hands, and what was on its way while they did must neither be lost nor come twice.</summary>
public sealed class OwnershipTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signal_that_a_dead_host_has_taken_is_not_given_out_by_its_successor_whose_news_are_old()
    {
        var store = new SurvivingStore();
        var (dead, atDead) = Watched(store);
        var (heir, atHeir) = Watched(store.Reopen());
        await heir.Host.StartAsync(Cancellation); // what it knows of messages is from before the signals
        var lost = dead.Host.RunAsync(() => Work.TwoSignals());
        var run = (await atDead.Step(step => step.State == StepRunState.Waiting)).RunId;
        await dead.Host.FlushAsync(); // who observes it is told before the store is
        await dead.Host.Client.SignalAsync(run, "go", "first", cancellationToken: Cancellation);
        await atDead.Step(step => step.State == StepRunState.Completed);
        await dead.Host.FlushAsync();
        store.Kill();

        var result = heir.Run(() => Work.TwoSignals());
        await atHeir.Step(step => step.State == StepRunState.Reused);
        await heir.Host.Client.SignalAsync(run, "go", "second", cancellationToken: Cancellation);

        Assert.Equal("first second", await result);
        await heir.DisposeAsync();
        await store.End(dead, lost);
    }

    [Fact]
    public async Task A_run_whose_claim_was_made_but_not_answered_goes_on()
    {
        var store = new SurvivingStore();
        var (left, atLeft) = Watched(store);
        var call = left.Host.RunAsync(() => Work.Adopted());
        await atLeft.Step(step => step.State == StepRunState.Waiting);
        await left.DisposeAsync();
        await Assert.ThrowsAsync<RunHandedOverException>(() => call);

        var surviving = store.Reopen();
        surviving.LosesAnswer = true;
        var (host, atHost) = Watched(surviving, options => options.TakesRuns = true);
        await host.Host.StartAsync(Cancellation);
        var crashed = await atHost.Run(run => run.State == FlowRunState.Crashed);
        Assert.Equal(("the store was not available when its host had to say what it did with the run", 0), (crashed.Reason, crashed.Crashes));
        await host.Host.Client.SignalAsync(crashed.Id, "go", cancellationToken: Cancellation);

        await atHost.Run(run => run.State == FlowRunState.Completed);
        Assert.False(surviving.LosesAnswer);
        await host.DisposeAsync();
    }

    [Fact]
    public async Task A_call_that_goes_on_with_a_run_of_a_dead_process_counts_its_death_and_is_not_refused()
    {
        var store = new SurvivingStore();
        for (var deaths = 0; deaths < 5; deaths++)
        {
            var (host, atHost) = Watched(store);
            var lost = host.Host.RunAsync(() => Work.Adopted());
            Assert.Equal(deaths, (await atHost.Run(run => run.State == FlowRunState.Running)).Crashes);
            await host.Host.FlushAsync();
            store.Kill();
            await store.End(host, lost);
            store = store.Reopen();
        }
    }

    [Fact]
    public async Task A_process_that_stood_still_asks_whether_it_has_the_run_before_a_step_begins()
    {
        var store = new SurvivingStore();
        await using var host = new TestHost(store, configure: options => options.HostTimeout = TimeSpan.FromSeconds(1));
        Work.Begun = 0;
        Work.Trap.Set();
        var call = host.Run(() => Work.HeldAtItsBeginning());
        await Work.Trap.Reached();
        await host.Host.FlushAsync();
        var heartbeats = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.HoldHeartbeat = () => heartbeats.Task;
        await Task.Run(() => SpinWait.SpinUntil(() => host.Host.Pulse.IsSilent || Cancellation.IsCancellationRequested), Cancellation).WithinLimit("its silence");

        var run = await host.OnlyRun();
        Assert.NotNull(await store.Reopen().TryClaimAsync(run.Id, run.Version, Guid.CreateVersion7(), run.CreatedAt, Cancellation));
        Work.Trap.Open();

        var error = await Record.ExceptionAsync(() => call);
        heartbeats.SetResult();
        Assert.IsType<RunLostException>(error);
        Assert.Equal(0, Work.Begun);
    }

    private static (TestHost Host, Watcher Watcher) Watched(SurvivingStore store, Action<FletcherOptions>? configure = null)
    {
        var watcher = new Watcher();
        var host = new TestHost(store, configure: options =>
        {
            options.Observers.Add(watcher);
            configure?.Invoke(options);
        });
        return (host, watcher);
    }

    internal static class Work
    {
        [Flow]
        internal static async Task<string> TwoSignals() => $"{await Flow.WaitFor<string>("go")} {await Flow.WaitFor<string>("go")}";

        [Flow]
        internal static async Task Adopted() => await Flow.WaitFor("go");

        internal static Trap Trap { get; } = new();

        internal static int Begun { get; set; }

        [Flow]
        internal static async Task HeldAtItsBeginning()
        {
            await Trap.Pass();
            await First();
        }

        [Step]
        internal static Task First()
        {
            Begun++;
            return Task.CompletedTask;
        }
    }
}
