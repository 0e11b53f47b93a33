using System.Diagnostics;
using System.Globalization;
using Fletcher.Bench.Measuring;

namespace Fletcher.Bench.Workloads;

/// <summary>Measurements that need a process of their own. The child prints its numbers on one line.</summary>
internal static class ChildProcess
{
    internal const string Verb = "child";
    internal const string Empty = "empty";
    internal const string Fan = "fan";
    internal const string Cold = "cold";
    internal const string Crash = "crash";
    internal const string Park = "park";
    internal const string Hold = "hold";
    internal const string Listen = "listen";
    internal const string Wake = "wake";
    internal const string Serve = "serve";
    internal const string Wait = "wait";
    internal const string Idle = "idle";

    /// <summary>Runs this program again, in the child's role, on a store of the lab's.</summary>
    internal static async Task<double[]> StartAsync(Lab lab, string role, string file = "", params int[] numbers)
    {
        var arguments = lab.Arguments;
        string[] given =
        [
            Verb, role, lab.PlaceOf(file) ?? "", arguments.Durability.ToString(),
            .. numbers.Select(n => n.ToString(CultureInfo.InvariantCulture)),
        ];
        var start = new ProcessStartInfo(Environment.ProcessPath!, given) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Insert(0, typeof(ChildProcess).Assembly.Location);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (process.ExitCode != 0 && role != Crash)
            throw new InvalidOperationException($"The child '{role}' ended with {process.ExitCode}.");
        return [.. output.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(n => double.Parse(n, CultureInfo.InvariantCulture))];
    }

    /// <summary>What the child does.</summary>
    internal static async Task<int> RunAsync(string[] args)
    {
        var (role, file, durability) = (args[0], args[1], Enum.Parse<Storage.Durability>(args[2]));
        var numbers = args[3..].Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        var host = new Func<Hosting.FletcherHost>(() => Lab.NewHost(file.Length > 0 ? file : null, durability));
        double[] measured = role switch
        {
            Empty => [ProcessMemory.Peak()],
            Fan => await Fan1M.MeasureAsync(host, numbers[0], numbers[1]).ConfigureAwait(false),
            Cold => await ThreeStep.MeasureColdAsync(host).ConfigureAwait(false),
            Crash => await Resume100K.CrashAsync(host, numbers[0], numbers[1]).ConfigureAwait(false),
            Park => await ParkedProcesses.ParkAsync(file, durability, numbers[0], numbers[1]).ConfigureAwait(false),
            Hold => await ParkedProcesses.HoldAsync(file, durability, numbers[0]).ConfigureAwait(false),
            Listen => await ParkedProcesses.ListenAsync(file, durability, numbers[0]).ConfigureAwait(false),
            Serve => await Arrivals.ServeAsync(file, durability, numbers[0]).ConfigureAwait(false),
            Wake => await ParkedProcesses.WakeAsync(file, durability, numbers[0]).ConfigureAwait(false),
            Idle => await Schedules100K.IdleAsync(file, durability, numbers[0]).ConfigureAwait(false),
            Wait => await LimitProcesses.WaitAsync(host, numbers[0]).ConfigureAwait(false),
            _ => throw new ArgumentException($"There is no role '{role}'.", nameof(args)),
        };
        Console.WriteLine(string.Join(' ', measured.Select(n => n.ToString("R", CultureInfo.InvariantCulture))));
        return 0;
    }
}
