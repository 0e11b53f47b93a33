using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;
using Fletcher.Hosting;

namespace Fletcher.Bench.Workloads;

/// <summary>A flow whose process was killed behind 100,000 completed steps is executed again.</summary>
internal sealed class Resume100K : Workload
{
    internal override string Name => "resume-100k";

    internal override async IAsyncEnumerable<Row> RunAsync(Lab lab)
    {
        if (lab.Arguments.Store != StoreKind.Sqlite)
            yield break; // what is in memory cannot be resumed by another process

        const string File = "resume.db";
        var runs = lab.Arguments.Repeats + 1;
        await ChildProcess.StartAsync(lab, ChildProcess.Crash, File, runs, lab.Sizes.Resumed).ConfigureAwait(false);
        var times = new List<double>();
        for (var run = 0; run < runs; run++)
        {
            var host = lab.NewHost(File);
            await using (host.ConfigureAwait(false))
            {
                times.Add(await Timed.MicrosecondsAsync(
                    () => host.RunAsync(() => Flows.Resumed(run, lab.Sizes.Resumed, Gate.Open))).ConfigureAwait(false) / lab.Sizes.Resumed);
            }
        }

        yield return new Row("resume-100k", "µs/step", new Samples(times.Skip(1)), null, null, new Bar(5));
    }

    /// <summary>Runs in the child, and does not return.</summary>
    internal static async Task<double[]> CrashAsync(Func<FletcherHost> open, int runs, int steps)
    {
        var host = open();
        var gate = new Gate(runs);
        for (var run = 0; run < runs; run++)
        {
            var number = run;
            _ = host.RunAsync(() => Task.Run(() => Flows.Resumed(number, steps, gate)));
        }

        await gate.AllHere.ConfigureAwait(false);
        await host.FlushAsync().ConfigureAwait(false);
        System.Diagnostics.Process.GetCurrentProcess().Kill();
        return [];
    }
}
