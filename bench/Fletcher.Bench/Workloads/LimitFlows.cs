using System.Collections.Concurrent;
using System.Diagnostics;

namespace Fletcher.Bench.Workloads;

/// <summary>The flows of <see cref="Limit"/>.</summary>
internal static class LimitFlows
{
    internal const string Slot = "slot";
    internal const string Rate = "rate";

    /// <summary>When each step began, by number.</summary>
    internal static ConcurrentDictionary<int, long> Began { get; } = new();

    /// <summary>When each step ended.</summary>
    internal static ConcurrentDictionary<int, long> Ended { get; } = new();

    [Flow]
    internal static async Task Turn(int number, int milliseconds) => await Hold(number, milliseconds).ConfigureAwait(false);

    [Flow]
    internal static async Task<int> Many(int count, int run)
    {
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => Start(i, run))).ConfigureAwait(false);
        return count;
    }

    [Flow]
    internal static async Task<int> Sequence(int count, int run)
    {
        for (var i = 0; i < count; i++)
            await Limited(i, run).ConfigureAwait(false);
        return count;
    }

    [Step(Limit = Slot)]
    private static async Task Hold(int number, int milliseconds)
    {
        Began[number] = Stopwatch.GetTimestamp();
        await Task.Delay(milliseconds).ConfigureAwait(false);
        Ended[number] = Stopwatch.GetTimestamp();
    }

    [Step(Limit = Rate)]
    private static Task Start(int number, int run)
    {
        Began[number] = Stopwatch.GetTimestamp();
        return Task.CompletedTask;
    }

    [Step(Limit = Slot)]
    private static Task<int> Limited(int number, int run) => Task.FromResult(number + run);
}
