using System.Diagnostics;
using Fletcher.Hosting;

namespace Fletcher.Bench.Workloads;

/// <summary>What the other process of <see cref="Limit"/> does.</summary>
internal static class LimitProcesses
{
    /// <summary>How long a step here holds the slot: long enough that the other process has come into the line.</summary>
    private const int Held = 60;

    /// <summary>Takes the one slot again and again, while the other process does the same; then says when each of its steps began and ended.</summary>
    internal static async Task<double[]> WaitAsync(Func<FletcherHost> open, int turns)
    {
        var host = open();
        await using (host.ConfigureAwait(false))
        {
            await TakeTurnsAsync(host, turns).ConfigureAwait(false);
            return [.. Times()];
        }
    }

    /// <summary>Takes the slot so many times, one after the other.</summary>
    internal static async Task TakeTurnsAsync(FletcherHost host, int turns)
    {
        LimitFlows.Began.Clear();
        LimitFlows.Ended.Clear();
        for (var i = 0; i < turns; i++)
        {
            var turn = i;
            await host.RunAsync(() => LimitFlows.Turn(turn, Held)).ConfigureAwait(false);
        }
    }

    /// <summary>The beginnings and ends of the steps here, in milliseconds on a clock that all processes of the machine share.</summary>
    internal static IEnumerable<double> Times() => LimitFlows.Began.Keys.Order()
        .SelectMany(turn => new[] { LimitFlows.Began[turn], LimitFlows.Ended[turn] })
        .Select(static at => at * 1e3 / Stopwatch.Frequency);
}
