using System.Diagnostics;
using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;

namespace Fletcher.Bench.Workloads;

/// <summary>From the call of a flow to the first line of its first step, on an idle host, one at a time, in the same process.</summary>
internal sealed class Start : Workload
{
    internal override string Name => "start";

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
        yield return new Row("start, same process, p50", "ms", Samples.Of(measured.Median), null, null, new Bar(1));
        yield return new Row("start, same process, p95", "ms", Samples.Of(measured.Percentile(95)), null, null, null);
        yield return new Row("start, same process, p99", "ms", Samples.Of(measured.Percentile(99)), null, null, null);
        yield return new Row("(a commit at the same time, p50)", "ms", Samples.Of(commit.Median), null, null, null);
    }
}
