using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;

namespace Fletcher.Bench.Workloads;

/// <summary>One flow with a <c>Flow.Map</c> over 10,000 steps: with effects, and read-only.</summary>
internal sealed class Fan10K : Workload
{
    private int _run;

    internal override string Name => "fan-10k";

    internal override bool IsForServers => true;

    internal override async IAsyncEnumerable<Row> RunAsync(Lab lab)
    {
        var steps = lab.Sizes.Fan;
        yield return await CompareAsync(lab, "fan-10k", steps, () => Flows.Fan(++_run, steps)).ConfigureAwait(false);
        yield return await CompareAsync(lab, "fan-10k, read-only", steps, () => Flows.ReadingFan(++_run, steps)).ConfigureAwait(false);
    }

    private static async Task<Row> CompareAsync(Lab lab, string what, int steps, Func<Task> fan)
    {
        var (measured, baseline) = await lab.CompareAsync(
            async () => steps / await Timed.MicrosecondsAsync(() => lab.Host.RunAsync(fan)).ConfigureAwait(false) * 1e6,
            () => Task.FromResult(steps / Timed.Microseconds(() => lab.Raw.Group(steps)) * 1e6)).ConfigureAwait(false);
        return new Row(what, "steps/s", measured, "group", baseline, new Bar(0.5, AtLeast: true));
    }
}
