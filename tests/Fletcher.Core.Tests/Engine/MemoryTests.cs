using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>What a flow remembers, and what it does again.</summary>
public sealed partial class MemoryTests
{
    [Fact]
    public async Task A_flow_returns_what_its_body_returns_and_its_steps_are_recorded_in_order()
    {
        await using var host = TestHost.InMemory();

        var total = await host.Run(() => Shop.Sum(3));

        Assert.Equal(1 + 2 + 3, total);
        var run = await host.OnlyRun();
        Assert.Equal(FlowRunState.Completed, run.State);
        Assert.Equal("Shop.Sum", run.Flow.Split('.', 2)[^1]);
        var steps = await host.Steps();
        Assert.Equal([1, 2, 3], steps.Select(s => s.Sequence));
        Assert.All(steps, s => Assert.Equal(StepRunState.Completed, s.State));
        Assert.Equal("{\"n\":1}", System.Text.Encoding.UTF8.GetString(steps[0].Inputs!));
    }

    [Fact]
    public async Task A_failed_run_that_is_resumed_does_only_what_was_not_done()
    {
        Shop.Reset();
        var store = new SurvivingStore();
        await using (var host = new TestHost(store))
        {
            Shop.FailAt = 2;
            await Assert.ThrowsAsync<InvalidOperationException>(() => host.Run(() => Shop.SumResuming(3)));
            Assert.Equal(FlowRunState.Failed, (await host.OnlyRun()).State);
        }

        Shop.FailAt = 0;
        await using var again = new TestHost(store.Reopen());
        Assert.Equal(6, await again.Run(() => Shop.SumResuming(3)));

        Assert.Equal([1, 2, 2, 3], Shop.Calls);
        Assert.Equal(2, (await again.OnlyRun()).Attempt);
    }

    internal static class Shop
    {
        internal static List<int> Calls { get; } = [];

        internal static int FailAt { get; set; }

        internal static void Reset()
        {
            Calls.Clear();
            FailAt = 0;
        }

        [Flow]
        internal static async Task<int> Sum(int count)
        {
            var sum = 0;
            for (var i = 1; i <= count; i++)
                sum += await Value(i);
            return sum;
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task<int> SumResuming(int count)
        {
            var sum = 0;
            for (var i = 1; i <= count; i++)
                sum += await Value(i);
            return sum;
        }

        [Step]
        internal static async Task<int> Value(int n)
        {
            lock (Calls)
                Calls.Add(n);
            await Task.Yield();
            return n == FailAt ? throw new InvalidOperationException($"no {n}") : n;
        }
    }
}
