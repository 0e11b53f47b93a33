using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;

namespace Fletcher.Bench.Workloads;

/// <summary>
/// What a host holds after a tenth of a million runs that a client in its process started and waited for, and after all of them: the same, if nothing of a run stays behind it.
/// </summary>
internal sealed class Runs1M : Workload
{
    private const int Parts = 10;

    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(200);

    internal override string Name => "runs-1m";

    internal override bool IsForServers => true;

    internal override async IAsyncEnumerable<Row> RunAsync(Lab lab)
    {
        var host = Arrivals.Serve(lab.PlaceOf("runs-1m.db"), lab.Arguments.Durability);
        await using (host.ConfigureAwait(false))
        {
            await host.StartAsync().ConfigureAwait(false);
            List<Footprint> footprints = [];
            var (run, part, time) = (0, lab.Sizes.ManyRuns / Parts, 0.0);
            for (var i = 0; i < Parts; i++)
            {
                for (var end = run + part; run < end; run += lab.Sizes.Batch)
                {
                    var first = run;
                    time += await Timed.MicrosecondsAsync(() => ExecuteAsync(host.Client, first, Math.Min(lab.Sizes.Batch, end - first))).ConfigureAwait(false);
                }

                run = (i + 1) * part;
                footprints.Add(await Footprint.TakeAsync(Rest).ConfigureAwait(false));
            }

            yield return Compare($"runs-1m, heap after {lab.Sizes.ManyRuns} runs", footprints, static footprint => footprint.Heap, part);
            yield return Compare($"runs-1m, resident after {lab.Sizes.ManyRuns} runs", footprints, static footprint => footprint.Resident, part);
            yield return new Row("runs-1m, started, executed and waited for", "runs/s", Samples.Of(run / time * 1e6), null, null, null);
        }
    }

    private static Row Compare(string what, List<Footprint> footprints, Func<Footprint, double> of, int part) =>
        new(what, "MiB", Samples.Of(of(footprints[^1])), $"after {part}", Samples.Of(of(footprints[0])), new Bar(1.1));

    private static async Task ExecuteAsync(Hosting.FletcherClient client, int first, int runs)
    {
        var started = await client.StartManyAsync(Enumerable.Range(first, runs), run => Flows.Arrive(run)).ConfigureAwait(false);
        await Task.WhenAll(started.Select(run => client.WaitForEndAsync(run.Run))).ConfigureAwait(false);
    }
}
