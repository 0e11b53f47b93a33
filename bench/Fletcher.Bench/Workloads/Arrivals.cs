using System.Threading.Channels;
using Fletcher.Bench.Measuring;
using Fletcher.Hosting;
using Fletcher.Storage;

namespace Fletcher.Bench.Workloads;

/// <summary>Runs that are started through the store and taken by a host, one at a time; how long each took to get there.</summary>
internal static class Arrivals
{
    private const int WarmUps = 50;

    private static readonly Channel<double> Times = Channel.CreateUnbounded<double>();

    internal static void Note(double milliseconds) => Times.Writer.TryWrite(milliseconds);

    /// <summary>Starts runs and takes them in this process.</summary>
    internal static async Task<Samples> MeasureHereAsync(string? place, Durability durability, int starts)
    {
        var host = Serve(place, durability);
        await using (host.ConfigureAwait(false))
        {
            await host.StartAsync().ConfigureAwait(false);
            var times = new List<double>();
            for (var i = 0; i < starts + WarmUps; i++)
            {
                await Task.Delay(2).ConfigureAwait(false); // the host has come to rest
                var sent = System.Diagnostics.Stopwatch.GetTimestamp();
                await host.Client.StartAsync(() => Flows.ArriveFrom(sent)).ConfigureAwait(false);
                times.Add(await Times.Reader.ReadAsync().ConfigureAwait(false));
            }

            return new Samples(times.Skip(WarmUps));
        }
    }

    /// <summary>Is the host of runs that another process starts, until so many have come.</summary>
    internal static async Task<double[]> ServeAsync(string place, Durability durability, int starts)
    {
        var host = Serve(place, durability);
        await using (host.ConfigureAwait(false))
        {
            await host.StartAsync().ConfigureAwait(false);
            var times = new List<double>();
            while (times.Count < starts + WarmUps)
                times.Add(await Times.Reader.ReadAsync().ConfigureAwait(false));
            var measured = new Samples(times.Skip(WarmUps));
            return [measured.Median, measured.Percentile(95), measured.Percentile(99)];
        }
    }

    /// <summary>Starts runs for another process, each when the one before has ended.</summary>
    internal static async Task SendAsync(string place, Durability durability, int starts)
    {
        var store = Lab.NewStore(place, durability);
        await using (store.ConfigureAwait(false))
        {
            await store.OpenAsync(CancellationToken.None).ConfigureAwait(false);
            var client = new FletcherClient(store);
            while ((await store.GetFlowsAsync(CancellationToken.None).ConfigureAwait(false)).Count == 0)
                await Task.Delay(5).ConfigureAwait(false); // until the host is there
            for (var i = 0; i < starts + WarmUps; i++)
            {
                await Task.Delay(2).ConfigureAwait(false);
                var sent = System.Diagnostics.Stopwatch.GetTimestamp();
                var started = await client.StartAsync(() => Flows.ArriveFrom(sent)).ConfigureAwait(false);

                // The last one's end is not waited for: its host closes.
                if (i < starts + WarmUps - 1)
                    await client.WaitForEndAsync(started.Run).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A host that takes runs of this program's flows.</summary>
    internal static FletcherHost Serve(string? place, Durability durability) => Lab.NewHost(place, durability, takesRuns: true);
}
