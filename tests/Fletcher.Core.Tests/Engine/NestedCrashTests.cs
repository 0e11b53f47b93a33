using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>A process that goes away inside a step that has called steps.</summary>
public sealed class NestedCrashTests
{
    [Fact]
    public async Task What_was_done_inside_a_step_that_crashed_is_reused_by_its_next_attempt_although_it_was_never_marked()
    {
        var store = new SurvivingStore();
        await CrashAsync(store, () => Work.Outside());

        await using var host = new TestHost(store.Reopen());
        await host.Run(() => Work.Outside());

        Assert.Equal(1, Work.Script.Count("charge"));
        Assert.Equal(2, (await host.Step("Outer")).Attempt);
        var steps = await host.Steps();
        Assert.Equal([(1, 0), (2, 1)], steps.Select(s => (s.Sequence, s.ParentSequence)));
    }

    [Fact]
    public async Task A_step_that_calls_itself_is_not_taken_for_one_of_another_level()
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Levels()));

        await host.Run(() => Work.Levels());

        Assert.Equal(["deep 1", "deep 2"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_flow_that_was_called_inside_a_step_in_doubt_ends_with_it()
    {
        var store = new SurvivingStore();
        await CrashAsync(store, () => Work.InDoubt());

        await using var host = new TestHost(store.Reopen());
        await host.Run(() => Work.InDoubt());

        Assert.Equal([FlowRunState.Completed, FlowRunState.Crashed], (await host.Runs()).Select(r => r.State).Order());
        foreach (var run in await host.Runs())
            Assert.All(await host.Steps(run.Id), s => Assert.True(s.State.IsEnd(), $"{s.Step.Name} is {s.State}"));
    }

    [Fact]
    public async Task What_was_open_inside_a_step_in_doubt_ends_with_a_flow_that_fails_too()
    {
        var store = new SurvivingStore();
        await CrashAsync(store, () => Work.Fails());

        await using var host = new TestHost(store.Reopen());
        await Assert.ThrowsAsync<StepUnknownException>(() => host.Run(() => Work.Fails()));

        Assert.Equal([FlowRunState.Failed, FlowRunState.Crashed], (await host.Runs()).Select(r => r.State).Order());
    }

    [Fact]
    public async Task A_step_that_is_resumed_is_not_marked_as_running_before_its_attempt_begins()
    {
        var clock = new TestClock();
        var store = new SurvivingStore();
        Work.Start();
        var crashed = new TestHost(store, clock);
        var lost = crashed.Host.RunAsync(() => Work.Slowly());
        await Work.Inside.Task.WithinLimit();
        clock.Advance(TimeSpan.FromSeconds(1));
        crashed.Host.Pulse.Beat();
        await crashed.Host.FlushAsync();
        store.Kill();

        var after = store.Reopen();
        var marks = new List<int>();
        await using var host = new TestHost(after, clock);
        after.BeforeWrite = (_, batch) =>
        {
            // What the step waits for is being written: it is resumed, and its attempt has not begun.
            host.Host.Pulse.Beat();
            marks.AddRange(batch.StepRuns.Where(s => s.State == StepRunState.Running).Select(s => s.Attempt));
        };
        Work.Hold.TrySetResult();
        await host.Run(() => Work.Slowly());

        Assert.DoesNotContain(0, marks);
        await store.End(crashed, lost);
    }

    /// <summary>Runs a flow until it says that it is inside, and kills its process there.</summary>
    private static async Task CrashAsync(SurvivingStore store, Func<Task> flow)
    {
        Work.Start();
        var crashed = new TestHost(store);
        var lost = crashed.Host.RunAsync(flow);
        await Work.Inside.Task.WithinLimit();
        await crashed.Host.FlushAsync();
        store.Kill();
        Work.Hold.TrySetResult();
        await store.End(crashed, lost);
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static TaskCompletionSource Inside { get; private set; } = new();

        internal static TaskCompletionSource Hold { get; private set; } = new();

        internal static void Start()
        {
            Script.Clear();
            Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        [Flow]
        internal static Task Outside() => Outer();

        [Step(Retries = 1)]
        internal static async Task Outer()
        {
            await Charge();
            await Stay();
            if (Flow.Current.StepAttempt == 1)
                throw new IOException("the first attempt fails");
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task Levels()
        {
            await Around();
            if (Inside.TrySetResult())
                throw new IOException("the first execution fails");
            await Both(2);
        }

        [Flow]
        internal static async Task InDoubt() => await Flow.Try(() => Doubtful());

        [Flow]
        internal static Task Fails() => Doubtful();

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static Task Doubtful() => Child();

        [Flow]
        internal static async Task Child()
        {
            await Charge();
            await Waits();
        }

        [Flow]
        internal static Task Slowly() => Waits();

        [Step]
        internal static Task Waits() => Stay();

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static Task Charge()
        {
            Script.Say("charge");
            return Task.CompletedTask;
        }

        [Step]
        internal static Task Around() => Both(1);

        // The same place in the code, inside a step and in the flow's body.
        private static Task Both(int n) => Deep(n);

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static Task Deep(int n)
        {
            Script.Say($"deep {n}");
            return Task.CompletedTask;
        }

        private static async Task Stay()
        {
            Inside.TrySetResult();
            await Hold.Task;
        }
    }
}
