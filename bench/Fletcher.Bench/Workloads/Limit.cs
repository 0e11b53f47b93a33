using System.Diagnostics;
using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;
using Fletcher.Model;

namespace Fletcher.Bench.Workloads;

/// <summary>Limits: how soon a waiter starts after a release, what a step under a limit costs, and how exact a rate is.</summary>
internal sealed class Limit : Workload
{
    private const string File = "limit.db";

    internal override string Name => "limit";

    internal override bool IsForServers => true;

    internal override async IAsyncEnumerable<Row> RunAsync(Lab lab)
    {
        var host = lab.NewHost(File);
        await using (host.ConfigureAwait(false))
        {
            await host.Client.SetLimitAsync(LimitFlows.Slot, new LimitSettings { Slots = 1 }).ConfigureAwait(false);
            foreach (var row in Describe("same process", await ReleaseHereAsync(host, lab.Sizes.Releases).ConfigureAwait(false)))
                yield return row;
            if (lab.PlaceOf(File) is not null)
            {
                foreach (var row in Describe("another process", await ReleaseThereAsync(lab, host, lab.Sizes.Releases).ConfigureAwait(false)))
                    yield return row;
            }

            await host.Client.SetLimitAsync(LimitFlows.Slot, new LimitSettings { Slots = 1_000 }).ConfigureAwait(false);
            var run = 0;
            var (limited, commit) = await lab.CompareAsync(
                async () => await Timed.MicrosecondsAsync(() => host.RunAsync(() => LimitFlows.Sequence(lab.Sizes.Commits, run++))).ConfigureAwait(false) / lab.Sizes.Commits,
                () => Task.FromResult(Timed.Microseconds(() => lab.Raw.Commit(lab.Sizes.Commits)) / lab.Sizes.Commits)).ConfigureAwait(false);
            yield return new Row("limit, a step under a free limit", "µs/step", limited, "commit", commit, null);

            const int perSecond = 200;
            const int burst = 20;
            await host.Client.SetLimitAsync(
                LimitFlows.Rate, new LimitSettings { Rate = new LimitRate(perSecond, TimeSpan.FromSeconds(1), burst) }).ConfigureAwait(false);
            LimitFlows.Began.Clear();
            var count = lab.Sizes.RatedSteps;
            await host.RunAsync(() => LimitFlows.Many(count, 1)).ConfigureAwait(false);
            var starts = LimitFlows.Began.Values.Order().ToArray();
            var seconds = Stopwatch.GetElapsedTime(starts[0], starts[^1]).TotalSeconds;
            yield return new Row("limit, a rate of 200/s, measured", "starts/s", Samples.Of((count - burst) / seconds), null, null, null);
        }
    }

    /// <summary>Two strands of this process take the one slot in turns: from the end of one's code to the beginning of the other's, in milliseconds.</summary>
    private static async Task<List<double>> ReleaseHereAsync(Hosting.FletcherHost host, int releases)
    {
        const int held = 5;
        LimitFlows.Began.Clear();
        LimitFlows.Ended.Clear();
        var next = -1;
        async Task TakeTurnsAsync()
        {
            for (var turn = Interlocked.Increment(ref next); turn < releases; turn = Interlocked.Increment(ref next))
            {
                var number = turn;
                await host.RunAsync(() => LimitFlows.Turn(number, held)).ConfigureAwait(false);
            }
        }

        await Task.WhenAll(TakeTurnsAsync(), TakeTurnsAsync(), TakeTurnsAsync()).ConfigureAwait(false);
        return Gaps([.. LimitProcesses.Times()], []);
    }

    private static async Task<List<double>> ReleaseThereAsync(Lab lab, Hosting.FletcherHost host, int releases)
    {
        var there = ChildProcess.StartAsync(lab, ChildProcess.Wait, File, releases / 2);
        await LimitProcesses.TakeTurnsAsync(host, releases / 2).ConfigureAwait(false);
        return Gaps([.. LimitProcesses.Times()], await there.ConfigureAwait(false), onlyAcross: true);
    }

    /// <summary>The times between the end of one and the beginning of the next; those that the next had not come for before are left out.</summary>
    private static List<double> Gaps(double[] here, double[] there, bool onlyAcross = false)
    {
        var turns = here.Chunk(2).Select(turn => (Began: turn[0], Ended: turn[1], Where: 0))
            .Concat(there.Chunk(2).Select(turn => (Began: turn[0], Ended: turn[1], Where: 1)))
            .OrderBy(turn => turn.Began).ToList();
        var gaps = new List<double>();
        for (var i = 1; i < turns.Count; i++)
        {
            if (!onlyAcross || (turns[i].Where != turns[i - 1].Where && i > 1 && turns[i - 2].Where == turns[i].Where))
                gaps.Add(turns[i].Began - turns[i - 1].Ended);
        }

        return gaps.Count == 0 ? [0] : gaps;
    }

    private static IEnumerable<Row> Describe(string where, List<double> gaps)
    {
        var measured = new Samples(gaps);
        yield return new Row($"limit, release to start, {where}, p50", "ms", Samples.Of(measured.Median), null, null, null);
        yield return new Row($"limit, release to start, {where}, p99", "ms", Samples.Of(measured.Percentile(99)), null, null, new Bar(50));
    }
}
