using System.Diagnostics;

namespace Fletcher.Bench.Measuring;

/// <summary>How long something takes.</summary>
internal static class Timed
{
    internal static double Microseconds(Action action)
    {
        Settle();
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    internal static async Task<double> MicrosecondsAsync(Func<Task> action)
    {
        Settle();
        var start = Stopwatch.GetTimestamp();
        await action().ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    /// <summary>Garbage of what was measured before is not paid for by what comes next.</summary>
    private static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
