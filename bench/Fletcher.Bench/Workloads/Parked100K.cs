using System.Diagnostics;
using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Bench.Workloads;

/// <summary>
/// 100,000 runs that are parked, in <c>Flow.WaitFor</c> and in <c>Flow.SleepUntil</c>: how fast they get there, what they cost the process that called them and a
/// host that takes them, and how soon they go on. What the processes do is in <see cref="ParkedProcesses"/>.
/// </summary>
internal sealed class Parked100K : Workload
{
    private const string Waiting = "parked-waiting.db";
    private const string Sleeping = "parked-sleeping.db";
    private const double Kibi = 1024;

    internal override string Name => "parked-100k";

    internal override async IAsyncEnumerable<Row> RunAsync(Lab lab)
    {
        if (lab.Arguments.Store != StoreKind.Sqlite)
            yield break; // what is in memory costs memory

        var (runs, signals, due) = (lab.Sizes.Parked, lab.Sizes.Signals, lab.Sizes.Due);
        var group = runs / Timed.Microseconds(() => lab.Raw.Group(runs)) * 1e6;
        var commit = new Samples(Enumerable.Range(0, lab.Sizes.Starts).Select(_ => Timed.Microseconds(() => lab.Raw.Commit(1)) / 1e3));

        var empty = Footprint.Of(await ChildProcess.StartAsync(lab, ChildProcess.Hold, "parked-none.db", 0).ConfigureAwait(false));
        foreach (var (file, what, dueRuns) in new[] { (Waiting, "WaitFor", -1), (Sleeping, "SleepUntil", due) })
        {
            var parked = await ChildProcess.StartAsync(lab, ChildProcess.Park, file, runs, dueRuns).ConfigureAwait(false);
            yield return One($"parked-100k, {what}, start and park", "runs/s", parked[0], "group", group);
            yield return One($"parked-100k, {what}, heap in the process that called them", "KiB/run", parked[1] * Kibi / runs);
            yield return One($"parked-100k, {what}, idle in the process that called them", "% of a core", parked[3]);
        }

        // Runs that sleep are woken by this: so they are not there for it.
        var held = await ChildProcess.StartAsync(lab, ChildProcess.Hold, Waiting, signals).ConfigureAwait(false);
        var footprint = Footprint.Of(held);
        yield return One("parked-100k, heap of a host over one without them", "MiB", footprint.Heap - empty.Heap, bar: new Bar(10));
        yield return One("parked-100k, resident memory of a host", "MiB", footprint.Resident, "without them", empty.Resident);
        yield return One("parked-100k, idle", "% of a core", footprint.Idle, "without them", Math.Max(empty.Idle, 0.01));
        foreach (var row in Latencies("same process", held[3..]))
            yield return row;
        foreach (var row in Latencies("another process", await SignalFromHereAsync(lab, signals).ConfigureAwait(false)))
            yield return row;
        yield return One("(a commit at the same time, p50)", "ms", commit.Median);

        lab.RawSqlite.MakeDue(due);
        var claim = due / Timed.Microseconds(() => lab.RawSqlite.Claim()) * 1e6;
        var woken = await ChildProcess.StartAsync(lab, ChildProcess.Wake, Sleeping, due).ConfigureAwait(false);
        yield return One($"parked-100k, {due} due at once, until all are completed", "runs/s", woken[0], "claim", claim);
    }

    private static IEnumerable<Row> Latencies(string from, double[] percentiles)
    {
        yield return One($"parked-100k, signal to code, {from}, p50", "ms", percentiles[0]);
        yield return One($"parked-100k, signal to code, {from}, p95", "ms", percentiles[1]);
        yield return One($"parked-100k, signal to code, {from}, p99", "ms", percentiles[2]);
    }

    /// <summary>Sends signals to runs that a host in another process has.</summary>
    private static async Task<double[]> SignalFromHereAsync(Lab lab, int signals)
    {
        var listening = ChildProcess.StartAsync(lab, ChildProcess.Listen, Waiting, signals);
        var store = new SqliteStore(new SqliteStoreOptions { Path = lab.File(Waiting), Durability = lab.Arguments.Durability });
        await using (store.ConfigureAwait(false))
        {
            await store.OpenAsync(CancellationToken.None).ConfigureAwait(false);
            while ((await store.GetLivingHostsAsync(CancellationToken.None).ConfigureAwait(false)).Count == 0)
                await Task.Delay(20).ConfigureAwait(false);
            var client = new Hosting.FletcherClient(store);
            foreach (var run in await ParkedProcesses.FindAsync(store, signals).ConfigureAwait(false))
            {
                await client.SignalAsync(run, ParkedFlows.Signal, Stopwatch.GetTimestamp()).ConfigureAwait(false);

                // Not in step with the host's looks, or all would meet them at the same moment.
                await Task.Delay(Random.Shared.Next(1, 20)).ConfigureAwait(false);
            }

            return await listening.ConfigureAwait(false);
        }
    }

    private static Row One(string what, string unit, double value, string? baselineName = null, double? baseline = null, Bar? bar = null) =>
        new(what, unit, Samples.Of(value), baselineName, baseline is { } given ? Samples.Of(given) : null, bar);
}
