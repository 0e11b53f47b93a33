using System.Diagnostics;
using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;

namespace Fletcher.Bench.Workloads;

/// <summary>
/// To the first line of the first step, on an idle host, one at a time: from the call of the flow, and from <c>FletcherClient.StartAsync</c>, in the host's process and in
/// another one.
/// </summary>
internal sealed class Start : Workload
{
    internal override string Name => "start";

    internal override bool IsForServers => true;

    internal override async IAsyncEnumerable<Row> RunAsync(Lab lab)
    {
        var (times, baseline) = (new List<double>(), new List<double>());
        for (var i = 0; i < 2 * lab.Sizes.Starts; i++)
        {
            var run = i;
            await Task.Delay(2).ConfigureAwait(false); // the host has come to rest
            var before = Stopwatch.GetTimestamp();
            var arrived = await lab.Host.RunAsync(() => Flows.Arrive(run)).ConfigureAwait(false);
            times.Add(Stopwatch.GetElapsedTime(before, arrived).TotalMilliseconds);
            baseline.Add(Timed.Microseconds(() => lab.Raw.Commit(1)) / 1e3);
        }

        var measured = new Samples(times.Skip(lab.Sizes.Starts));
        var commit = new Samples(baseline.Skip(lab.Sizes.Starts));
        foreach (var row in Percentiles("start, called", [measured.Median, measured.Percentile(95), measured.Percentile(99)], 1))
            yield return row;
        var here = await Arrivals.MeasureHereAsync(lab.PlaceOf("start-here.db"), lab.Arguments.Durability, lab.Sizes.Starts).ConfigureAwait(false);
        foreach (var row in Percentiles("start, client in the same process", [here.Median, here.Percentile(95), here.Percentile(99)], 1))
            yield return row;
        if (lab.PlaceOf("start-there.db") is { } there)
        {
            var bars = lab.Arguments.Store == StoreKind.PostgreSql ? (P50: 5, P99: 25) : (P50: 15, P99: default(int?));
            var serving = ChildProcess.StartAsync(lab, ChildProcess.Serve, "start-there.db", lab.Sizes.Starts);
            await Arrivals.SendAsync(there, lab.Arguments.Durability, lab.Sizes.Starts).ConfigureAwait(false);
            foreach (var row in Percentiles("start, client in another process", await serving.ConfigureAwait(false), bars.P50, bars.P99))
                yield return row;
        }

        yield return new Row("(a commit at the same time, p50)", "ms", Samples.Of(commit.Median), null, null, null);
    }

    private static IEnumerable<Row> Percentiles(string what, double[] measured, double bar, double? worst = null)
    {
        yield return new Row($"{what}, p50", "ms", Samples.Of(measured[0]), null, null, new Bar(bar));
        yield return new Row($"{what}, p95", "ms", Samples.Of(measured[1]), null, null, null);
        yield return new Row($"{what}, p99", "ms", Samples.Of(measured[2]), null, null, worst is { } most ? new Bar(most) : null);
    }
}
