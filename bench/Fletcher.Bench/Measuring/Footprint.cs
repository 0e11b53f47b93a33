using System.Diagnostics;
using System.Globalization;

namespace Fletcher.Bench.Measuring;

/// <summary>What this process holds now, in MiB, and what it uses of a core while nothing happens, in percent.</summary>
internal sealed record Footprint(double Heap, double Resident, double Idle)
{
    private const double Mebibyte = 1024 * 1024;

    /// <summary>Collects all garbage, and looks for a while.</summary>
    internal static async Task<Footprint> TakeAsync(TimeSpan lookFor)
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        using var process = Process.GetCurrentProcess();
        var (used, begun) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
        await Task.Delay(lookFor).ConfigureAwait(false);
        process.Refresh();
        var idle = (process.TotalProcessorTime - used) / Stopwatch.GetElapsedTime(begun) * 100;
        return new Footprint(GC.GetTotalMemory(forceFullCollection: true) / Mebibyte, ReadResident(process), idle);
    }

    internal double[] ToNumbers() => [Heap, Resident, Idle];

    internal static Footprint Of(double[] numbers) => new(numbers[0], numbers[1], numbers[2]);

    private static double ReadResident(Process process)
    {
        const string Status = "/proc/self/status";
        if (!File.Exists(Status))
            return process.WorkingSet64 / Mebibyte;
        var line = File.ReadLines(Status).First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }
}
