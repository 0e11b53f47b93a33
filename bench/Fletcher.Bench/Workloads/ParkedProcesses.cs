using System.Diagnostics;
using Fletcher.Bench.Measuring;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Bench.Workloads;

/// <summary>What the processes of <see cref="Parked100K"/> do.</summary>
internal static class ParkedProcesses
{
    private const int AtOnce = 2_000;
    private const int WarmUps = 50;

    private static readonly TimeSpan LookFor = TimeSpan.FromSeconds(3);
    private static readonly DateTimeOffset DueAt = new(2090, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset LaterAt = new(2095, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Calls runs and has them parked: runs a second, and what they cost here.</summary>
    /// <param name="path">The store.</param>
    /// <param name="durability">Of its commits.</param>
    /// <param name="runs">How many.</param>
    /// <param name="due">How many of them sleep until <see cref="DueAt"/>; -1 when all wait for a signal.</param>
    internal static async Task<double[]> ParkAsync(string path, Durability durability, int runs, int due)
    {
        var host = Open(path, durability, TimeProvider.System, false);
        await using (host.ConfigureAwait(false))
        {
            await host.StartAsync().ConfigureAwait(false);
            await StartAsync(host, -WarmUps, WarmUps, due).ConfigureAwait(false);
            var before = await Footprint.TakeAsync(TimeSpan.Zero).ConfigureAwait(false);
            var begun = Stopwatch.GetTimestamp();
            for (var first = 0; first < runs; first += AtOnce)
                await StartAsync(host, first, Math.Min(AtOnce, runs - first), due).ConfigureAwait(false);
            var rate = runs / Stopwatch.GetElapsedTime(begun).TotalSeconds;
            var after = await Footprint.TakeAsync(LookFor).ConfigureAwait(false);
            return [rate, after.Heap - before.Heap, after.Resident - before.Resident, after.Idle];
        }
    }

    /// <summary>Is a host that could take the runs: what it costs; and, if signals are asked for, how soon a run goes on.</summary>
    internal static async Task<double[]> HoldAsync(string path, Durability durability, int signals)
    {
        var host = Open(path, durability, TimeProvider.System, true);
        await using (host.ConfigureAwait(false))
        {
            await host.StartAsync().ConfigureAwait(false);
            await Task.Delay(LookFor).ConfigureAwait(false); // what its looks need is compiled by then
            var footprint = await Footprint.TakeAsync(LookFor).ConfigureAwait(false);
            if (signals == 0)
                return footprint.ToNumbers();

            var sent = 0;
            foreach (var run in await FindAsync(host.Store, signals + WarmUps).ConfigureAwait(false))
            {
                if (sent == WarmUps)
                    ParkedFlows.TakeLatencies();
                var expected = ParkedFlows.LatencyCount + 1;
                await host.Client.SignalAsync(run, ParkedFlows.Signal, Stopwatch.GetTimestamp()).ConfigureAwait(false);
                while (ParkedFlows.LatencyCount < expected)
                    await Task.Delay(1).ConfigureAwait(false);
                sent++;
            }

            return [.. footprint.ToNumbers(), .. Percentiles()];
        }
    }

    /// <summary>Is the host of runs that another process sends signals to.</summary>
    internal static async Task<double[]> ListenAsync(string path, Durability durability, int signals)
    {
        var host = Open(path, durability, TimeProvider.System, true);
        await using (host.ConfigureAwait(false))
        {
            await host.StartAsync().ConfigureAwait(false);
            while (ParkedFlows.LatencyCount < signals)
                await Task.Delay(20).ConfigureAwait(false);
            return Percentiles();
        }
    }

    /// <summary>Starts when the sleepers are due: how many a second complete.</summary>
    internal static async Task<double[]> WakeAsync(string path, Durability durability, int due)
    {
        var host = Open(path, durability, new LaterTime(DueAt - TimeProvider.System.GetUtcNow()), true);
        await using (host.ConfigureAwait(false))
        {
            var begun = Stopwatch.GetTimestamp();
            await host.StartAsync().ConfigureAwait(false);
            while (ParkedFlows.Dozed < due || host.Executions.Count > 0)
                await Task.Delay(5).ConfigureAwait(false);
            return [due / Stopwatch.GetElapsedTime(begun).TotalSeconds];
        }
    }

    /// <summary>Runs that wait for a signal, the newest first.</summary>
    internal static async Task<List<RunId>> FindAsync(IRunStore store, int count)
    {
        var found = new List<RunId>();
        while (found.Count < count)
        {
            var query = new FlowRunQuery
            {
                Flow = $"{nameof(ParkedFlows)}.{nameof(ParkedFlows.Waits)}",
                States = [FlowRunState.Waiting],
                Before = found.Count == 0 ? null : found[^1],
                Limit = Math.Min(1000, count - found.Count),
            };
            var page = await store.GetFlowRunsAsync(query, CancellationToken.None).ConfigureAwait(false);
            if (page.Count == 0)
                throw new InvalidOperationException($"There are {found.Count} runs that wait for a signal; {count} are needed.");
            found.AddRange(page.Select(run => run.Id));
        }

        return found;
    }

    private static async Task StartAsync(FletcherHost host, int first, int count, int due)
    {
        await host.RunAsync(() => Task.WhenAll(Enumerable.Range(first, count).Select(run => due < 0
            ? Flow.Start(() => ParkedFlows.Waits(run))
            : Flow.Start(() => ParkedFlows.Dozes(run, run >= 0 && run < due ? DueAt : LaterAt))))).ConfigureAwait(false);
        while (host.Executions.Count > 0)
            await Task.Delay(1).ConfigureAwait(false);
    }

    private static double[] Percentiles()
    {
        var latencies = new Samples(ParkedFlows.TakeLatencies());
        return [latencies.Median, latencies.Percentile(95), latencies.Percentile(99)];
    }

    private static FletcherHost Open(string path, Durability durability, TimeProvider time, bool takesRuns) => new(new FletcherOptions
    {
        Store = () => new SqliteStore(new SqliteStoreOptions { Path = path, Durability = durability, TimeProvider = time }),
        Time = time,
        TakesRuns = takesRuns,
        ParkAfter = TimeSpan.Zero,
    });

    /// <summary>The machine's clock, set ahead.</summary>
    private sealed class LaterTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
