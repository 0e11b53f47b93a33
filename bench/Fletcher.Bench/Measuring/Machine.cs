using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Fletcher.Bench.Measuring;

/// <summary>What one must know of the machine and the settings to judge a measurement.</summary>
internal sealed record Machine(
    string Date, string Processor, int Cores, string System, string Runtime, string FileSystem, double DiskSyncMicroseconds,
    string Settings, string Commit)
{
    internal static Machine Describe(string folder, Arguments arguments) => new(
        DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture),
        ReadProcessor(),
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        ReadFileSystem(folder),
        Math.Round(MeasureSync(Path.Combine(folder, "sync"))),
        $"store {arguments.Store}, durability {arguments.Durability}, {arguments.Repeats} repeats"
            + (arguments.Smoke ? ", SMOKE: the numbers mean nothing" : ""),
        typeof(Machine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        {Date}, {Processor}, {Cores} cores, {System}, {Runtime}
        {FileSystem}, appending 4 KiB and syncing takes {DiskSyncMicroseconds} µs; {Settings}; commit {Commit}
        """);

    private static string ReadProcessor()
    {
        const string Info = "/proc/cpuinfo";
        var line = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string ReadFileSystem(string folder)
    {
        var drive = DriveInfo.GetDrives()
            .Where(d => folder.StartsWith(d.Name, StringComparison.Ordinal))
            .MaxBy(d => d.Name.Length);
        return drive?.DriveFormat ?? "unknown file system";
    }

    private static double MeasureSync(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        var times = new List<double>();
        for (var i = 0; i < 50; i++)
        {
            var start = Stopwatch.GetTimestamp();
            file.Write(block);
            file.Flush(flushToDisk: true);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return new Samples(times).Median;
    }
}
