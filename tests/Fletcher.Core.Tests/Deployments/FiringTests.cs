using Fletcher.Engine.Tests;
using Fletcher.Model;
using Fletcher.Scheduling;
using Fletcher.Storage;

namespace Fletcher.Hosting.Tests;

/// <summary>Hosts that fire together: each firing once, none missed, and idle when nothing is due.</summary>
public sealed class FiringTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static void Deploy(FletcherOptions options) => options.Deploy(
        () => Nightly.Report(default, "Ada", 1),
        new DeploymentOptions { Name = "often", Schedule = Schedule.Parse("*/10 * * * *"), CatchUp = CatchUpPolicy.All });

    [Fact]
    public async Task Three_hosts_with_clocks_apart_fire_each_once_though_one_is_killed()
    {
        await using var scene = new DeploymentScene();
        TestClock[] clocks = [new(), new(), new()];
        clocks[0].Advance(TimeSpan.FromMinutes(2));
        clocks[2].Advance(TimeSpan.FromMinutes(4));
        var begin = clocks[0].Now;
        var dying = scene.NewProcess();
        var hosts = new[] { await scene.ServeAsync(Deploy, clocks[0]), await scene.ServeAsync(Deploy, clocks[1]), await scene.ServeAsync(Deploy, clocks[2], dying) };

        // The one whose clock is ahead is alone with what it takes for due: it decides, and is dead before it writes.
        var kills = new TaskCompletionSource();
        await PassAsync(2, 0, 1, 2);
        dying.BeforeDeployment = (store, starts) =>
        {
            if (starts.Count == 0)
                return;
            store.Kill();
            kills.TrySetResult();
        };
        clocks[2].Advance(TimeSpan.FromMinutes(30));
        hosts[2].Host.PokeFirings();
        await kills.Task.WithinLimit("the kill");
        await PassAsync(2, 0, 1);
        scene.Forget(hosts[2]);
        await dying.End(hosts[2]);

        var fired = (await FiredAsync(scene)).Where(time => time <= begin + TimeSpan.FromMinutes(230)).ToList();
        var first = fired[0];
        Assert.Equal(23, fired.Count);
        Assert.Equal(Enumerable.Range(0, fired.Count).Select(i => first.AddMinutes(10 * i)), fired);
        Assert.InRange(first, begin, begin + TimeSpan.FromMinutes(10));

        async Task PassAsync(int hours, params int[] living)
        {
            for (var i = 0; i < 6 * hours; i++)
            {
                foreach (var one in living)
                {
                    clocks[one].Advance(TimeSpan.FromMinutes(10));
                    hosts[one].Host.PokeFirings(); // it may be about to sleep by the clock as it was
                }

                var now = clocks[living[^1]].Now;
                await scene.UntilAsync("often", record => record.HandledAt > now - TimeSpan.FromMinutes(10));
            }
        }
    }

    /// <summary>The times that runs are for, from their ledgers.</summary>
    private static async Task<List<DateTimeOffset>> FiredAsync(DeploymentScene scene)
    {
        List<DateTimeOffset> times = [];
        foreach (var run in await scene.RunsAsync("Nightly.Report"))
        {
            var reason = (await scene.Store.GetLedgerAsync(run.Id, Cancellation))[0].Reason;
            var at = reason.IndexOf("firing of ", StringComparison.Ordinal) + "firing of ".Length;
            times.Add(DateTimeOffset.Parse(reason.AsSpan(at, 25), System.Globalization.CultureInfo.InvariantCulture));
        }

        times.Sort();
        return times;
    }

    [Fact]
    public async Task Two_that_decide_at_once_start_it_once()
    {
        await using var scene = new DeploymentScene();
        var (one, two) = (scene.NewProcess(), scene.NewProcess());
        using var both = new Barrier(2);
        foreach (var process in new[] { one, two })
        {
            process.BeforeDeployment = (_, starts) =>
            {
                // Both have read the record before one of them writes.
                if (starts.Count > 0 && !both.SignalAndWait(TimeSpan.FromSeconds(30)))
                    throw new TimeoutException("The other host did not decide.");
            };
        }

        await scene.ServeAsync(options => options.Deploy(() => Nightly.Report(default, "Ada", 1), new DeploymentOptions { Name = "daily", Schedule = Schedule.Parse("@daily") }), store: one);
        await scene.ServeAsync(store: two);
        scene.Clock.Advance(TimeSpan.FromHours(12));
        await scene.UntilAsync("daily", record => record.Last is not null);

        Assert.Single(await scene.RunsAsync("Nightly.Report"));
    }

    [Fact]
    public async Task A_host_that_waits_asks_nothing_however_many_schedules_there_are()
    {
        await using var scene = new DeploymentScene();
        var process = scene.NewProcess();
        var host = await scene.ServeAsync(store: process);
        var template = await scene.RecordAsync("Nightly.Yearly");
        var next = scene.Clock.Now + TimeSpan.FromDays(20);
        var writes = Enumerable.Range(0, 1_000).Select(i => new DeploymentWrite($"d{i:0000}", 0, template with { Name = $"d{i:0000}", NextAt = next })).ToList();
        await scene.Deployments.TryWriteAsync(writes, [], Cancellation);
        host.Host.PokeFirings();
        var before = process.DeploymentCalls;

        // Each wakes the loop's timer, if there is one that ends before.
        for (var hour = 0; hour < 24 * 19; hour++)
            scene.Clock.Advance(TimeSpan.FromHours(1));

        // What changed is looked at once or twice; a day is the longest sleep.
        Assert.InRange(process.DeploymentCalls - before, 0, 2 * (19 + 5));
    }
}
