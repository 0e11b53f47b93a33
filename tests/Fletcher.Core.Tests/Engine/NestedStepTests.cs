using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>Steps that are called inside a step.</summary>
public sealed class NestedStepTests
{
    [Fact]
    public async Task A_step_inside_a_step_is_a_step_run_of_its_own_below_it()
    {
        await using var host = TestHost.InMemory();
        Work.Start(0);

        Assert.Equal(12, await host.Run(() => Work.Once()));

        var steps = await host.Steps();
        Assert.Equal([(1, 0), (2, 1), (3, 2), (4, 1)], steps.Select(s => (s.Sequence, s.ParentSequence)));
    }

    [Fact]
    public async Task The_retry_of_a_step_reuses_what_was_done_inside_it()
    {
        await using var host = TestHost.InMemory();
        Work.Start(2);

        Assert.Equal(12, await host.Run(() => Work.Once()));

        Assert.Equal(["outer", "middle 1", "inner 1", "charge", "outer", "outer"], Work.Script.Lines);
        Assert.All(await host.Steps(), s => Assert.Equal((StepRunState.Completed, false), (s.State, s.Superseded)));
        Assert.Equal(3, (await host.Step("Outer")).Attempt);
    }

    [Fact]
    public async Task What_was_done_inside_a_step_is_reused_after_a_crash_too_and_in_the_retry_after_that()
    {
        var clock = new TestClock();
        var store = new SurvivingStore();
        Work.Start(2);
        var crashed = new TestHost(store, clock);
        var lost = crashed.Host.RunAsync(() => Work.Slowly());
        await clock.Armed(TimeSpan.FromMinutes(1));
        store.Kill();

        await using var host = new TestHost(store.Reopen(), clock);
        var run = host.Run(() => Work.Slowly());
        await clock.Pass(TimeSpan.FromMinutes(1));
        await clock.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(12, await run);
        Assert.Equal(1, Work.Script.Count("charge"));
        Assert.Equal(1, Work.Script.Count("inner 1"));
        Assert.All(await host.Steps(), s => Assert.Equal((StepRunState.Completed, false), (s.State, s.Superseded)));
        await store.End(crashed, lost);
    }

    internal static class Work
    {
        private static int _failures;

        internal static Script Script { get; } = new();

        internal static void Start(int failures)
        {
            Script.Clear();
            _failures = failures;
        }

        [Flow]
        internal static Task<int> Once() => Outer();

        [Flow]
        internal static Task<int> Slowly() => OuterSlowly();

        [Step(Retries = 3)]
        internal static Task<int> Outer() => BodyAsync();

        [Step(Retries = 3, Backoff = "1m")]
        internal static Task<int> OuterSlowly() => BodyAsync();

        [Step]
        internal static async Task<int> Middle(int n)
        {
            Script.Say($"middle {n}");
            return 1 + await Inner(n);
        }

        [Step]
        internal static async Task<int> Inner(int n)
        {
            await Task.Yield();
            Script.Say($"inner {n}");
            return n;
        }

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static async Task<int> Charge()
        {
            await Task.Yield();
            Script.Say("charge");
            return 10;
        }

        private static async Task<int> BodyAsync()
        {
            Script.Say("outer");
            var result = await Middle(1) + await Charge();
            return Flow.Current.StepAttempt <= _failures ? throw new IOException() : result;
        }
    }
}
