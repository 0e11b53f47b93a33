using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;
using Fletcher.Hosting;

namespace Fletcher.Bench.Workloads;

/// <summary>10,000 runs of a flow of three steps, submitted at once: with <c>Flow.Start</c>, and with <c>StartManyAsync</c> for a host that takes them.</summary>
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

        var host = Arrivals.Serve(lab.PlaceOf("flows-10k.db"), lab.Arguments.Durability);
        await using (host.ConfigureAwait(false))
        {
            await host.StartAsync().ConfigureAwait(false);
            (measured, baseline) = await lab.CompareAsync(
                async () => steps / await Timed.MicrosecondsAsync(() => StartAsync(host.Client, lab.Sizes.Batch)).ConfigureAwait(false) * 1e6,
                () => Task.FromResult(steps / Timed.Microseconds(() => lab.Raw.Group(steps)) * 1e6)).ConfigureAwait(false);
            yield return new Row("flows-10k, started by a client", "steps/s", measured, "group", baseline, null);
        }
    }

    private async Task StartAsync(FletcherClient client, int runs)
    {
        var first = _run;
        _run += runs;
        var started = await client.StartManyAsync(Enumerable.Range(first, runs), run => Flows.Three(run)).ConfigureAwait(false);
        await Task.WhenAll(started.Select(run => client.WaitForEndAsync(run.Run))).ConfigureAwait(false);
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
