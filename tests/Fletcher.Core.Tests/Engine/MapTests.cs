using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary><c>Flow.Map</c>: bounded parallel work over items.</summary>
public sealed class MapTests
{
    private const int Many = 100_000;

    [Fact]
    public async Task The_results_are_in_the_order_of_the_items_whatever_the_order_of_their_ends()
    {
        await using var host = TestHost.InMemory();

        var results = await host.Run(() => Work.Doubles(200, 16));

        Assert.Equal(Enumerable.Range(0, 200).Select(i => i * 2), results);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task No_more_items_are_worked_on_than_the_bound_says(int bound)
    {
        await using var host = TestHost.InMemory();
        Work.Start();

        await host.Run(() => Work.Bounded(bound));

        Assert.Equal(bound, Work.Most);
    }

    [Fact]
    public async Task A_bound_of_any_size_costs_no_more_than_there_are_items()
    {
        await using var host = TestHost.InMemory();

        Assert.Equal("0 2 4", string.Join(" ", await host.Run(() => Work.Doubles(3, int.MaxValue))));
    }

    [Fact]
    public async Task Items_are_read_only_when_there_is_room_for_them()
    {
        await using var host = TestHost.InMemory();
        Work.Start();

        await host.Run(() => Work.Lazy());

        Assert.True(Work.MostAhead <= 4, $"{Work.MostAhead} items were read ahead");
    }

    [Fact]
    public async Task No_items_are_no_results()
    {
        await using var host = TestHost.InMemory();

        Assert.Empty(await host.Run(() => Work.Doubles(0, 16)));
    }

    [Fact]
    public async Task After_a_failure_no_item_is_started_and_the_failure_is_thrown()
    {
        await using var host = TestHost.InMemory();

        var error = await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Stops()));

        Assert.Equal("item 3", error.Message);
        Assert.Equal(4, (await host.Steps()).Count);
    }

    [Fact]
    public async Task Collected_failures_that_somebody_looks_at_are_values()
    {
        await using var host = TestHost.InMemory();

        Assert.Equal("0 1 - 3 / 1", await host.Run(() => Work.Collects(true)));
    }

    [Fact]
    public async Task Collected_failures_that_nobody_looks_at_fail_the_flow()
    {
        await using var host = TestHost.InMemory();

        var error = await Assert.ThrowsAsync<MapFailedException>(() => host.Run(() => Work.Collects(false)));

        Assert.Equal((4, "item 2"), (error.ItemCount, Assert.Single(error.InnerExceptions).Message));
        Assert.Equal(FlowRunState.Failed, (await host.OnlyRun()).State);
    }

    [Theory]
    [InlineData(0.29, 29, true)]
    [InlineData(0.29, 30, false)]
    [InlineData(0.0, 0, true)]
    [InlineData(0.0, 1, false)]
    [InlineData(1.0, 100, true)]
    public async Task As_many_failures_are_tolerated_as_the_share_says(double share, int failures, bool isTolerated)
    {
        await using var host = TestHost.InMemory();

        if (isTolerated)
            Assert.Equal(100 - failures, await host.Run(() => Work.Tolerates(share, failures)));
        else
            Assert.Equal(failures, (await Assert.ThrowsAsync<MapFailedException>(() => host.Run(() => Work.Tolerates(share, failures)))).InnerExceptions.Count);
    }

    [Fact]
    public async Task A_sequence_that_throws_fails_the_fan_out()
    {
        await using var host = TestHost.InMemory();

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => host.Run(() => Work.Broken()));

        Assert.Equal("the sequence is broken", error.Message);
    }

    [Fact]
    public async Task Fan_outs_may_be_nested()
    {
        await using var host = TestHost.InMemory();

        Assert.Equal(Enumerable.Range(0, 10).Sum(x => Enumerable.Range(0, 10).Sum(y => (x * 10) + y)), await host.Run(() => Work.Nested()));
        Assert.Equal(100, (await host.Steps()).Count);
    }

    [Fact]
    public async Task A_fan_out_that_was_cut_short_by_cancellation_has_no_result()
    {
        await using var host = TestHost.InMemory();
        using var caller = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Run(() => Work.CutShort(caller, caller.Token)));

        Assert.Equal(FlowRunState.Cancelled, (await host.OnlyRun()).State);
    }

    [Fact]
    public async Task All_shapes_of_methods_and_lambdas_can_be_the_work()
    {
        await using var host = TestHost.InMemory();
        Work.Start();

        var sums = await host.Run(() => Work.AllShapes());

        Assert.Equal(Enumerable.Repeat(6, 11), sums);
        var steps = (await host.Steps()).CountBy(s => s.Step.Name.Split('.')[^1]).ToDictionary();
        foreach (var step in new[] { "Async", "WithToken", "Sync", "ValueAsync", "VoidAsync", "VoidSync" })
            Assert.True(steps.ContainsKey(step) && steps[step] % 3 == 0, $"{step} ran {steps.GetValueOrDefault(step)} times");
    }

    [Fact]
    public async Task Outside_a_flow_the_work_is_just_done()
    {
        var results = await Flow.Map(Enumerable.Range(0, 50), Work.Async, maxConcurrency: 4).WithinLimit();

        Assert.Equal(Enumerable.Range(0, 50), results);
    }

    [Fact]
    public async Task A_hundred_thousand_items_are_no_trouble()
    {
        await using var host = TestHost.InMemory();

        Assert.Equal((long)Many * (Many - 1) / 2, await host.Run(() => Work.Sums()));
    }

    [Fact]
    public async Task A_store_that_is_gone_is_not_a_number_of_failed_items()
    {
        var store = new SurvivingStore();
        var host = new TestHost(store);
        store.BeforeWrite = (_, batch) =>
        {
            if (batch.StepRuns.Count > 0)
                throw new Fletcher.StoreUnavailableException("FLT1101", "gone");
        };

        await Assert.ThrowsAsync<StoreUnavailableException>(() => host.Run(() => Work.CollectsEffects()));

        store.BeforeWrite = null;
        await host.DisposeAsync();
        Assert.Equal(FlowRunState.Crashed, (await host.OnlyRun()).State);
    }

    internal static class Work
    {
        private static int _now;
        private static int _most;
        private static int _read;
        private static int _done;
        private static int _ahead;

        internal static int Most => _most;

        internal static int MostAhead => _ahead;

        internal static void Start() => (_now, _most, _read, _done, _ahead) = (0, 0, 0, 0, 0);

        [Flow]
        internal static async Task<int[]> Doubles(int count, int bound) =>
            await Flow.Map(Enumerable.Range(0, count).Where(_ => true), async i => 2 * await Async(i), bound);

        [Flow]
        internal static async Task Bounded(int bound)
        {
            using var together = new Barrier(bound);
            await Flow.Map(
                Enumerable.Range(0, 30),
                i =>
                {
                    var now = Interlocked.Increment(ref _now);
                    InterlockedMax(ref _most, now);
                    together.SignalAndWait(TimeSpan.FromSeconds(20));
                    Interlocked.Decrement(ref _now);
                },
                bound);
        }

        [Flow]
        internal static async Task Lazy()
        {
            static IEnumerable<int> Items()
            {
                for (var i = 0; i < 100; i++)
                {
                    InterlockedMax(ref _ahead, ++_read - Volatile.Read(ref _done));
                    yield return i;
                }
            }

            await Flow.Map(Items(), async i =>
            {
                await Async(i);
                Interlocked.Increment(ref _done);
            }, 4);
        }

        [Flow]
        internal static async Task Stops() => await Flow.Map(Enumerable.Range(0, 100), async i => await FailsAt(i, 3), 1);

        [Flow]
        internal static async Task<string> Collects(bool looks)
        {
            var result = await Flow.Map(Enumerable.Range(0, 4), i => FailsAt(i, 2), 2, MapFailure.Collect);
            return looks
                ? string.Join(' ', result.Outcomes.Select(o => o.IsSuccess ? $"{o.Value}" : "-")) + $" / {result.FailureCount}"
                : "nothing seen";
        }

        [Flow]
        internal static async Task<int> Tolerates(double share, int failures)
        {
            var result = await Flow.Map(
                Enumerable.Range(0, 100), i => i < failures ? throw new IOException() : i, 4, MapFailure.Tolerate(share));
            return result.Count;
        }

        [Flow]
        internal static async Task Broken()
        {
            static IEnumerable<int> Items()
            {
                yield return 1;
                yield return 2;
                throw new InvalidDataException("the sequence is broken");
            }

            await Flow.Map(Items(), Async, 4);
        }

        [Flow]
        internal static async Task<int> Nested()
        {
            var rows = await Flow.Map(Enumerable.Range(0, 10), async x =>
            {
                int[] row = await Flow.Map(Enumerable.Range(0, 10), async y => await Async((x * 10) + y));
                return row.Sum();
            });
            return rows.Sum();
        }

        [Flow]
        internal static async Task<int[]> CutShort([NotInput] CancellationTokenSource caller, CancellationToken ct) =>
            await Flow.Map(Enumerable.Range(0, 100), i =>
            {
                if (i == 10)
                    caller.Cancel();
                return i;
            }, 1);

        [Flow]
        internal static async Task<int[]> AllShapes()
        {
            int[] items = [1, 2, 3];
            var sums = new List<int>
            {
                (await Flow.Map(items, Async)).Sum(),
                (await Flow.Map(items, WithToken)).Sum(),
                (await Flow.Map(items, Sync)).Sum(),
                (await Flow.Map(items, ValueAsync)).Sum(),
                2 * (await Flow.Map(items, VoidAsync)).Count,
                2 * (await Flow.Map(items, VoidSync)).Count,
                (await Flow.Map(items, i => Sync(i))).Sum(),
                (await Flow.Map(items, async i => await Async(i))).Sum(),
                (await Flow.Map(items, async (i, ct) => await WithToken(i, ct))).Sum(),
                2 * (await Flow.Map(items, async i => await VoidAsync(i))).Count,
                2 * (await Flow.Map(items, i => VoidSync(i))).Count,
            };
            return [.. sums];
        }

        [Flow]
        internal static async Task<long> Sums()
        {
            var results = await Flow.Map(Enumerable.Range(0, Many), Light, 32);
            return results.Sum(r => (long)r);
        }

        [Flow]
        internal static async Task<int> CollectsEffects()
        {
            var result = await Flow.Map(Enumerable.Range(0, 50), async i => await Async(await Async(i)), 1, MapFailure.Collect);
            return result.FailureCount;
        }

        [Step]
        internal static async Task<int> Async(int n)
        {
            for (var i = n % 3; i >= 0; i--)
                await Task.Yield();
            return n;
        }

        [Step(ReadOnly = true)]
        internal static int Light(int n) => n;

        [Step]
        internal static async Task<int> WithToken(int n, CancellationToken ct = default)
        {
            await Task.Yield();
            ct.ThrowIfCancellationRequested();
            return n;
        }

        [Step]
        internal static int Sync(int n) => n;

        [Step]
        internal static async ValueTask<int> ValueAsync(int n)
        {
            await Task.Yield();
            return n;
        }

        [Step]
        internal static async Task VoidAsync(int n) => await Task.Yield();

        [Step]
        internal static void VoidSync(int n)
        {
        }

        [Step]
        internal static async Task<int> FailsAt(int n, int bad)
        {
            await Task.Yield();
            return n == bad ? throw new IOException($"item {n}") : n;
        }

        private static void InterlockedMax(ref int place, int value)
        {
            var seen = Volatile.Read(ref place);
            while (value > seen)
            {
                var before = Interlocked.CompareExchange(ref place, value, seen);
                if (before == seen)
                    return;
                seen = before;
            }
        }
    }
}
