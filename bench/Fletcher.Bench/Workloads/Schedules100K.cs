using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Scheduling;
using Fletcher.Storage;

namespace Fletcher.Bench.Workloads;

/// <summary>100,000 deployments with a schedule, none of which is due: what a host uses of a core while it waits for the first.</summary>
internal sealed class Schedules100K : Workload
{
    private const int AtOnce = 1_000;
    private const string File = "schedules.db";
    private const string Without = "schedules-none.db";

    /// <summary>What a host's looks need is compiled by then.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    internal override string Name => "schedules-100k";

    internal override bool IsForServers => true;

    internal override async IAsyncEnumerable<Row> RunAsync(Lab lab)
    {
        if (lab.PlaceOf(File) is not { } place)
            yield break; // nobody else fires what is in memory
        var host = Lab.NewHost(place, lab.Arguments.Durability, takesRuns: true);
        await using (host.ConfigureAwait(false))
        {
            await host.StartAsync().ConfigureAwait(false);
            await DeployAsync(host, lab.Sizes.Schedules).ConfigureAwait(false);
        }

        List<Footprint> with = [];
        List<Footprint> without = [];
        for (var repeat = 0; repeat < lab.Arguments.Repeats; repeat++)
        {
            without.Add(Footprint.Of(await ChildProcess.StartAsync(lab, ChildProcess.Idle, Without, lab.Sizes.IdleSeconds).ConfigureAwait(false)));
            with.Add(Footprint.Of(await ChildProcess.StartAsync(lab, ChildProcess.Idle, File, lab.Sizes.IdleSeconds).ConfigureAwait(false)));
        }

        yield return new Row("schedules-100k, idle", "% of a core", new Samples(with.Select(static footprint => footprint.Idle)), null, null, new Bar(0.5));
        yield return new Row("schedules-100k, idle without them", "% of a core", new Samples(without.Select(static footprint => footprint.Idle)), null, null, null);
        yield return new Row("schedules-100k, heap of a host", "MiB", new Samples(with.Select(static footprint => footprint.Heap)), "without them", new Samples(without.Select(static footprint => footprint.Heap)), null);
    }

    /// <summary>Is a host that has nothing to do for so many seconds.</summary>
    internal static async Task<double[]> IdleAsync(string place, Durability durability, int seconds)
    {
        var host = Lab.NewHost(place, durability, takesRuns: true);
        await using (host.ConfigureAwait(false))
        {
            await host.StartAsync().ConfigureAwait(false);
            await Task.Delay(seconds < Settle.TotalSeconds ? TimeSpan.FromSeconds(seconds) : Settle).ConfigureAwait(false);
            return (await Footprint.TakeAsync(TimeSpan.FromSeconds(seconds)).ConfigureAwait(false)).ToNumbers();
        }
    }

    /// <summary>One is deployed as users do it, and the others are like it.</summary>
    private static async Task DeployAsync(FletcherHost host, int count)
    {
        var schedule = Schedule.Parse("0 6 1 1 *", "Europe/Berlin");
        var one = (await host.Client.DeployAsync(() => Flows.Three(1), new DeploymentOptions { Name = "one", Schedule = schedule }).ConfigureAwait(false)).Record;
        foreach (var some in Enumerable.Range(0, count).Chunk(AtOnce))
        {
            List<DeploymentWrite> writes = [.. some.Select(number => $"d{number:000000}").Select(name => new DeploymentWrite(name, 0, one with { Name = name }))];
            await host.Store.Deployments!.TryWriteAsync(writes, [], CancellationToken.None).ConfigureAwait(false);
        }
    }
}
