using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;

namespace Fletcher.Bench.Workloads;

/// <summary>One flow of 40 steps, each a naive fibo(10).</summary>
internal sealed class Light40 : Workload
{
    private const int Steps = 40;
    private const int Runs = 5;

    private int _run;

    internal override string Name => "light-40";

    internal override bool IsForServers => true;

    internal override async IAsyncEnumerable<Row> RunAsync(Lab lab)
    {
        var (measured, baseline) = await lab.CompareAsync(
            async () => await Timed.MicrosecondsAsync(() => lab.Host.RunAsync(RunsAsync)).ConfigureAwait(false) / Runs,
            () => Task.FromResult(Timed.Microseconds(() => CallAndCommit(lab)) / Runs)).ConfigureAwait(false);
        yield return new Row("light-40", "µs/run", measured, "call + 40 commit", baseline, new Bar(1.3));
    }

    private async Task RunsAsync()
    {
        for (var i = 0; i < Runs; i++)
            await Flows.Light(++_run, Steps).ConfigureAwait(false);
    }

    private static void CallAndCommit(Lab lab)
    {
        for (var i = 0; i < Runs * Steps; i++)
        {
            Flows.Naive(10);
            lab.Raw.Commit(1);
        }
    }
}
