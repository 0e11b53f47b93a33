using System.Globalization;

namespace Fletcher.Bench.Measuring;

/// <summary>What this process has used of the machine's memory.</summary>
internal static class ProcessMemory
{
    /// <summary>The most it has ever had, in bytes: VmHWM on Linux.</summary>
    internal static long Peak()
    {
        const string Status = "/proc/self/status";
        if (!File.Exists(Status))
            return System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64;
        var line = File.ReadLines(Status).First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
