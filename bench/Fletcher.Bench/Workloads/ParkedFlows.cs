using System.Collections.Concurrent;
using System.Diagnostics;

namespace Fletcher.Bench.Workloads;

/// <summary>Flows that wait, and when their code went on. Times are of the machine's monotonic clock, which its processes share.</summary>
internal static class ParkedFlows
{
    internal const string Signal = "go";

    private static readonly ConcurrentQueue<double> Latencies = new();
    private static int _dozed;

    /// <summary>How many runs have gone on after their sleep.</summary>
    internal static int Dozed => Volatile.Read(ref _dozed);

    /// <summary>Milliseconds from the call of <c>SignalAsync</c> to the first line behind the wait, a run each, since it was asked last.</summary>
    internal static List<double> TakeLatencies()
    {
        var taken = new List<double>();
        while (Latencies.TryDequeue(out var latency))
            taken.Add(latency);
        return taken;
    }

    internal static int LatencyCount => Latencies.Count;

    /// <summary>Waits for a signal whose value is when it was sent.</summary>
    [Flow]
    internal static async Task Waits(int run)
    {
        var sent = await Flow.WaitFor<long>(Signal).ConfigureAwait(false);
        Latencies.Enqueue(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
    }

    [Flow]
    internal static async Task Dozes(int run, DateTimeOffset until)
    {
        await Flow.SleepUntil(until).ConfigureAwait(false);
        Interlocked.Increment(ref _dozed);
    }
}
