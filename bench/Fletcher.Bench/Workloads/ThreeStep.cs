using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;
using Fletcher.Hosting;

namespace Fletcher.Bench.Workloads;

/// <summary>A flow of three steps: the first one of a process, one at a time, and many at once.</summary>
internal sealed class ThreeStep : Workload
{
    internal const int Steps = 3;

    private int _run;

    internal override string Name => "three-step";

    internal override bool IsForServers => true;

    internal override async IAsyncEnumerable<Row> RunAsync(Lab lab)
    {
        var cold = new List<double>();
        for (var i = 0; i < lab.Arguments.Repeats; i++)
            cold.Add((await ChildProcess.StartAsync(lab, ChildProcess.Cold, $"cold{i}.db").ConfigureAwait(false))[0] / 1e3);
        yield return new Row("three-step, cold", "ms", new Samples(cold), null, null, null);

        var single = await SinglesAsync(lab).ConfigureAwait(false);
        yield return new Row("three-step, median", "ms", Samples.Of(single.Median), null, null, null);
        yield return new Row("three-step, p95", "ms", Samples.Of(single.Percentile(95)), null, null, null);

        yield return await BatchAsync(lab, lab.Sizes.SmallBatch, null).ConfigureAwait(false);
        yield return await BatchAsync(lab, lab.Sizes.Batch, new Bar(0.3, AtLeast: true)).ConfigureAwait(false);
    }

    /// <summary>Runs in the child: the first flow run, with all that it takes to open the host.</summary>
    internal static async Task<double[]> MeasureColdAsync(Func<FletcherHost> open)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        var host = open();
        await using (host.ConfigureAwait(false))
        {
            await host.RunAsync(() => Flows.Three(0)).ConfigureAwait(false);
            return [System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMicroseconds];
        }
    }

    private async Task<Samples> SinglesAsync(Lab lab)
    {
        var times = new List<double>();
        for (var i = 0; i < 2 * lab.Sizes.Single; i++)
            times.Add(await Timed.MicrosecondsAsync(() => lab.Host.RunAsync(() => Flows.Three(++_run))).ConfigureAwait(false) / 1e3);
        return new Samples(times[lab.Sizes.Single..]);
    }

    private async Task<Row> BatchAsync(Lab lab, int runs, Bar? bar)
    {
        var (measured, baseline) = await lab.CompareAsync(
            async () => Steps * runs / await Timed.MicrosecondsAsync(() => lab.Host.RunAsync(() => AtOnceAsync(runs))).ConfigureAwait(false) * 1e6,
            () => Task.FromResult(Steps * runs / Timed.Microseconds(() => lab.Raw.Group(Steps * runs)) * 1e6)).ConfigureAwait(false);
        return new Row($"three-step, {runs} at once", "steps/s", measured, "group", baseline, bar);
    }

    private Task<int[]> AtOnceAsync(int runs) =>
        Task.WhenAll(Enumerable.Range(0, runs).Select(_ => Task.Run(() => Flows.Three(Interlocked.Increment(ref _run)))));
}
