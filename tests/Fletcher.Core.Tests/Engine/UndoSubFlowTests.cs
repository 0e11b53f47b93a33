using Fletcher.Model;
using Microsoft.Extensions.DependencyInjection;

namespace Fletcher.Engine.Tests;

/// <summary>Flows inside flows: one that fails undoes its own, one that completed is undone with its caller.</summary>
public sealed class UndoSubFlowTests
{
    [Fact]
    public async Task A_flow_that_fails_undoes_its_own_steps_and_its_caller_may_go_on()
    {
        await using var host = Start();

        await host.Run(() => Work.Catches());

        Assert.Equal(["do 1", "do 2", "fail", "undo 2", "caught", "do 3"], Work.Script.Lines);
        var runs = await host.Runs();
        Assert.Equal(
            [(FlowRunState.Completed, null), (FlowRunState.Failed, "1 step was undone")],
            runs.Select(run => (run.State, run.Reason)));
    }

    [Fact]
    public async Task A_flow_that_completed_is_undone_with_its_caller_where_it_ended()
    {
        await using var host = Start();

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Parent()));

        Assert.Equal(["do 1", "do 2", "do 3", "do 4", "fail", "undo 4", "undo 3", "undo 2", "undo 1"], Work.Script.Lines);
        var runs = await host.Runs();
        var parent = runs.Single(run => run.ParentRunId is null);
        Assert.Equal((FlowRunState.Failed, "4 steps were undone"), (parent.State, parent.Reason));
        Assert.All(runs.Where(run => run.ParentRunId is not null), run => Assert.Equal(FlowRunState.Cancelled, run.State));
        foreach (var child in runs.Where(run => run.ParentRunId is not null))
            Assert.All((await host.Steps(child.Id)).Where(step => step.Step.Name.EndsWith(".Do", StringComparison.Ordinal)), step => Assert.True(step.Discarded));
    }

    [Fact]
    public async Task A_retry_calls_the_flow_that_was_undone_again_and_remembers_what_was_not_undone_in_it()
    {
        var store = new SurvivingStore();
        RunId id;
        await using (var first = Start(store))
        {
            await Assert.ThrowsAsync<IOException>(() => first.Run(() => Work.Parent()));
            id = (await first.Runs()).Single(run => run.ParentRunId is null).Id;
        }

        Work.Start();
        Work.Fails = false;
        await using var again = new TestHost(store.Reopen(), null, o => o.Retry = id);
        Assert.Equal("5", await again.Run(() => Work.Parent()));

        Assert.Equal(["do 1", "do 2", "do 3", "do 4", "fail"], Work.Script.Lines);
        Assert.All(await again.Runs(), run => Assert.Equal(FlowRunState.Completed, run.State));
        Assert.Equal(3, (await again.Runs()).Count);
    }

    [Fact]
    public async Task Runs_of_their_own_are_not_undone_with_who_called_them()
    {
        await using var host = Start();

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Owners()));

        Assert.Equal(["do 5", "do 6", "fail"], Work.Script.Lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_flow_whose_undoing_was_interrupted_goes_on_with_it_when_its_caller_is_continued()
    {
        var store = new SurvivingStore();
        var host = Start(store);
        await KillInside(store, host, () => Work.Catches());

        await using var next = new TestHost(store.Reopen());
        await next.Run(() => Work.Catches());

        Assert.Equal(["undo 2", "caught", "do 3"], Work.Script.Lines);
        Assert.Equal(FlowRunState.Failed, (await next.Runs()).Single(run => run.ParentRunId is not null).State);
    }

    [Fact]
    public async Task A_cancelled_caller_waits_for_the_undoing_of_what_it_called_however_long_that_takes()
    {
        var store = new SurvivingStore();
        Work.Start();
        await using var host = new TestHost(store, null, o => o.CancelGrace = TimeSpan.FromMilliseconds(20));
        using var caller = new CancellationTokenSource();
        Work.Caller = caller;
        Work.Trap.Set();

        var run = host.Run(() => Work.CancelsInside(caller.Token));
        await Work.Trap.Reached();
        await Task.WhenAny(run, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.False(run.IsCompleted, "the run ended before its sub-flow had been undone");
        Work.Trap.Open();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        Assert.Equal(["do 1", "do 2", "undo 2", "undo 1"], Work.Script.Lines);
        Assert.All(await host.Runs(), record => Assert.Equal(FlowRunState.Cancelled, record.State));
    }

    [Fact]
    public async Task A_host_that_takes_runs_undoes_with_an_object_from_its_services()
    {
        var store = new SurvivingStore();
        var host = Start(store);
        await KillInside(store, host, () => new Work.Desk("old").Open(7));

        await using var services = new ServiceCollection().AddSingleton(new Work.Desk("new")).BuildServiceProvider();
        var watcher = new Watcher();
        await using var next = new TestHost(store.Reopen(), null, o =>
        {
            o.Observers.Add(watcher);
            o.Services = services;
            o.TakesRuns = true;
            o.FlowAssemblies.Add(typeof(UndoSubFlowTests).Assembly);
            o.CrashBackoff = [TimeSpan.Zero];
        });
        await next.Host.StartAsync(TestContext.Current.CancellationToken);
        await watcher.Run(changed => changed.State == FlowRunState.Failed);

        Assert.Equal(["new closes 7"], Work.Script.Lines);
        Assert.Equal("1 step was undone", (await next.OnlyRun()).Reason);
    }

    [Fact]
    public async Task A_run_that_takes_host_after_host_down_is_given_up_and_undone_with_what_it_had_called()
    {
        var store = new SurvivingStore();
        var host = Start(store);
        await KillInside(store, host, () => Work.Poisonous());

        var watcher = new Watcher();
        await using var next = new TestHost(store.Reopen(), null, o =>
        {
            o.Observers.Add(watcher);
            o.TakesRuns = true;
            o.FlowAssemblies.Add(typeof(UndoSubFlowTests).Assembly);
            o.CrashResumes = 0;
            o.CrashBackoff = [TimeSpan.Zero];
        });
        await next.Host.StartAsync(TestContext.Current.CancellationToken);
        await watcher.Run(changed => changed is { ParentRunId: null, State: FlowRunState.Failed });

        Assert.Equal(["undo 2", "undo 1"], Work.Script.Lines);
        var root = (await next.Runs()).Single(run => run.ParentRunId is null);
        Assert.Equal((FlowRunState.Failed, "2 steps were undone", "Fletcher.HostDied"), (root.State, root.Reason, root.Error!.Type));
        Assert.All(await next.Runs(), run => Assert.True(run.State.IsEnd()));
    }

    private static TestHost Start(SurvivingStore? store = null)
    {
        Work.Start();
        return store is null ? TestHost.InMemory() : new TestHost(store);
    }

    /// <summary>Runs the flow until it is inside an undo, and lets its process die there.</summary>
    private static async Task KillInside(SurvivingStore store, TestHost host, Func<Task> flow)
    {
        await Work.Trap.KillInside(store, host, flow, isWritten: false);
        Work.Start();
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static bool Fails { get; set; }

        internal static Trap Trap { get; } = new();

        internal static CancellationTokenSource? Caller { get; set; }

        internal static void Start()
        {
            Script.Clear();
            Fails = true;
            Trap.Clear();
        }

        [Flow]
        internal static async Task Catches()
        {
            await Do(1);
            try
            {
                await Failing();
            }
            catch (Exception e) when (e is IOException or EarlierFailureException)
            {
                Script.Say("caught");
            }

            await Do(3);
        }

        [Flow]
        internal static async Task Failing()
        {
            await Do(2);
            await Fail();
        }

        [Flow]
        internal static async Task<string> Parent()
        {
            await Do(1);
            var five = await Child();
            await Do(4);
            await Fail();
            return five;
        }

        [Flow]
        internal static async Task<string> Child()
        {
            await Do(2);
            var five = await Pure(5);
            await Grandchild();
            return five;
        }

        [Flow]
        internal static async Task Grandchild() => await Do(3);

        [Flow]
        internal static async Task Owners()
        {
            await Keyed(5);
            await (await Flow.Start(() => Other(6))).Completion;
            await Fail();
        }

        [Flow(Once = "{n}")]
        internal static async Task Keyed(int n) => await Do(n);

        [Flow]
        internal static async Task<int> Other(int n)
        {
            await Do(n);
            return n;
        }

        [Flow]
        internal static async Task Poisonous()
        {
            await Do(1);
            await Poison();
        }

        [Flow]
        internal static async Task Poison()
        {
            await Do(2);
            await Holds();
        }

        [Step]
        internal static async Task Holds()
        {
            await Trap.Pass();
        }

        [Flow]
        internal static async Task CancelsInside(CancellationToken cancellationToken)
        {
            await Do(1);
            await Cancelled();
            _ = cancellationToken;
        }

        [Flow]
        internal static async Task Cancelled()
        {
            await Do(2);
            await Caller!.CancelAsync();
            await Do(9);
        }

        [Step(Undo = nameof(Undo))]
        internal static async Task Do(int n)
        {
            await Task.Yield();
            Script.Say($"do {n}");
        }

        [Step]
        internal static async Task Undo(int n)
        {
            await Trap.Pass();
            Script.Say($"undo {n}");
        }

        [Step]
        internal static async Task<string> Pure(int n)
        {
            await Task.Yield();
            return $"{n}";
        }

        [Step]
        internal static Task Fail()
        {
            Script.Say("fail");
            return Fails ? Task.FromException(new IOException("no room")) : Task.CompletedTask;
        }

        internal sealed class Desk(string name)
        {
            [Flow]
            internal async Task Open(int day)
            {
                await Unlock(day);
                await Fail();
            }

            [Step(Undo = nameof(Close))]
            internal Task Unlock(int day) => Task.CompletedTask;

            [Step]
            internal async Task Close(int day)
            {
                await Trap.Pass();
                Script.Say($"{name} closes {day}");
            }
        }
    }
}
