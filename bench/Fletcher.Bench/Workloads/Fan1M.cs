using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;
using Fletcher.Hosting;

namespace Fletcher.Bench.Workloads;

/// <summary>
/// One flow with a <c>Flow.Map</c> over 1,000,000 steps, in a process of its own: what a step costs compared to a fan-out of
/// 10,000, and what memory the process needs beyond one that does nothing.
/// </summary>
internal sealed class Fan1M : Workload
{
    private const double Mebibyte = 1024 * 1024;

    internal override string Name => "fan-1m";

    internal override async IAsyncEnumerable<Row> RunAsync(Lab lab)
    {
        var (great, small, memory) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < lab.Arguments.Repeats; i++)
        {
            var empty = await ChildProcess.StartAsync(lab, ChildProcess.Empty).ConfigureAwait(false);
            var fan = await ChildProcess.StartAsync(
                lab, ChildProcess.Fan, $"fan{i}.db", lab.Sizes.Fan, lab.Sizes.GreatFan).ConfigureAwait(false);
            small.Add(fan[0]);
            great.Add(fan[1]);
            memory.Add((fan[2] - empty[0]) / Mebibyte);
        }

        yield return new Row("fan-1m", "µs/step", new Samples(great), "fan-10k", new Samples(small), new Bar(1.15));
        yield return new Row("fan-1m, peak memory over the empty process", "MiB", new Samples(memory), null, null, new Bar(300e6 / Mebibyte));
    }

    /// <summary>Runs in the child: the small fan-outs first, several so that they are as warm as the great one is.</summary>
    internal static async Task<double[]> MeasureAsync(Func<FletcherHost> open, int few, int many)
    {
        var host = open();
        await using (host.ConfigureAwait(false))
        {
            var run = 0;
            var small = new List<double>();
            for (var i = 0; i < 20; i++)
                small.Add(await FanAsync(few).ConfigureAwait(false));
            var great = await FanAsync(many).ConfigureAwait(false);
            return [new Samples(small[10..]).Median, great, ProcessMemory.Peak()];

            async Task<double> FanAsync(int steps) =>
                await Timed.MicrosecondsAsync(() => host.RunAsync(() => Flows.Fan(++run, steps))).ConfigureAwait(false) / steps;
        }
    }
}
