using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;

namespace Fletcher.Bench.Workloads;

/// <summary>10,000 runs of a flow of three steps, submitted with <c>Flow.Start</c> at once.</summary>
internal sealed class Flows10K : Workload
{
    private int _run;

    internal override string Name => "flows-10k";

    internal override bool IsForServers => true;

    internal override async IAsyncEnumerable<Row> RunAsync(Lab lab)
    {
        var steps = ThreeStep.Steps * lab.Sizes.Batch;
        var (measured, baseline) = await lab.CompareAsync(
            async () => steps / await Timed.MicrosecondsAsync(() => lab.Host.RunAsync(() => SubmitAsync(lab.Sizes.Batch))).ConfigureAwait(false) * 1e6,
            () => Task.FromResult(steps / Timed.Microseconds(() => lab.Raw.Group(steps)) * 1e6)).ConfigureAwait(false);
        yield return new Row("flows-10k", "steps/s", measured, "group", baseline, null);
    }

    private async Task SubmitAsync(int runs)
    {
        var first = _run;
        _run += runs;
        var started = await Task.WhenAll(
            Enumerable.Range(first, runs).Select(run => Flow.Start(() => Flows.Three(run)))).ConfigureAwait(false);
        await Task.WhenAll(started.Select(handle => handle.Completion)).ConfigureAwait(false);
    }
}
