using System.Diagnostics;
using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;

namespace Fletcher.Bench.Workloads;

/// <summary>The second start of a program with one flow of one step, compared to the same program without Fletcher.</summary>
internal sealed class Startup : Workload
{
    internal override string Name => "startup";

    internal override async IAsyncEnumerable<Row> RunAsync(Lab lab)
    {
        var (with, without) = (new List<double>(), new List<double>());
        for (var i = 0; i <= lab.Sizes.Processes; i++)
        {
            without.Add(await TimeAsync(lab, "Startup.Plain").ConfigureAwait(false));
            with.Add(await TimeAsync(lab, "Startup.Fletcher").ConfigureAwait(false));
        }

        // The first start made the database.
        var (measured, baseline) = (new Samples(with.Skip(1)), new Samples(without.Skip(1)));
        yield return new Row("startup, with Fletcher", "ms", measured, null, null, null);
        yield return new Row("startup, without", "ms", baseline, null, null, null);
        yield return new Row(
            "startup, over the same program without", "ms", Samples.Of(measured.Median - baseline.Median), null, null, new Bar(150));
    }

    private static async Task<double> TimeAsync(Lab lab, string program)
    {
        // artifacts/bin/(project)/(configuration)/: the neighbours are built with this project.
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(own.Parent!.Parent!.FullName, program, own.Name, OperatingSystem.IsWindows() ? program + ".exe" : program);
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(path, ["Ada"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["FLETCHER_STORE"] = lab.Arguments.Store == StoreKind.Sqlite ? lab.File("startup.db") : "memory" },
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return process.ExitCode == 0 && output.Contains("Ada", StringComparison.Ordinal)
            ? time
            : throw new InvalidOperationException($"{path} ended with {process.ExitCode} and wrote '{output}{await errors.ConfigureAwait(false)}'.");
    }
}
