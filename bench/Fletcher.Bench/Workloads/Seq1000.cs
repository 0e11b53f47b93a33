using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;

namespace Fletcher.Bench.Workloads;

/// <summary>One flow of 1,000 steps, one after the other: with effects, and read-only.</summary>
internal sealed class Seq1000 : Workload
{
    /// <summary>A read-only run takes milliseconds only: several make a measurement.</summary>
    private const int ReadingRuns = 20;

    private int _run;

    internal override string Name => "seq-1000";

    internal override bool IsForServers => true;

    internal override async IAsyncEnumerable<Row> RunAsync(Lab lab)
    {
        var steps = lab.Sizes.Steps;
        var (measured, baseline) = await lab.CompareAsync(
            async () => await Timed.MicrosecondsAsync(
                () => lab.Host.RunAsync(() => Flows.Sequence(++_run, steps))).ConfigureAwait(false) / steps,
            () => Task.FromResult(Timed.Microseconds(() => lab.Raw.Commit(steps)) / steps)).ConfigureAwait(false);
        yield return new Row("seq-1000", "µs/step", measured, "commit", baseline, new Bar(1.25));

        (measured, baseline) = await lab.CompareAsync(
            async () => await Timed.MicrosecondsAsync(() => lab.Host.RunAsync(() => ReadAsync(steps))).ConfigureAwait(false)
                / (ReadingRuns * steps),
            async () => await Timed.MicrosecondsAsync(() => PipeAsync(lab, steps)).ConfigureAwait(false)
                / (ReadingRuns * steps)).ConfigureAwait(false);
        yield return new Row("seq-1000, read-only", "µs/step", measured, "pipe", baseline, new Bar(1.5));
    }

    private async Task ReadAsync(int steps)
    {
        for (var i = 0; i < ReadingRuns; i++)
            await Flows.ReadingSequence(++_run, steps).ConfigureAwait(false);
    }

    private static async Task PipeAsync(Lab lab, int steps)
    {
        for (var i = 0; i < ReadingRuns; i++)
            await lab.Raw.PipeAsync(steps).ConfigureAwait(false);
    }
}
