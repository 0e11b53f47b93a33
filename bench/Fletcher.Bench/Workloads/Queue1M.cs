using Fletcher.Bench.Measuring;
using Fletcher.Bench.Reporting;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Bench.Workloads;

/// <summary>
/// How many runs a second a host can take when a million wait, compared to when a thousand do. Half of them are of one tenant, the others of fifty; a tenth has a
/// higher priority. A host takes 100 at a time and ends them at once, so that the queue is what is measured.
/// </summary>
internal sealed class Queue1M : Workload
{
    private const int AtOnce = 100;
    private const int Claims = 2;
    private const int Chunk = 1_000;

    internal override string Name => "queue-1m";

    internal override bool IsForServers => true;

    internal override async IAsyncEnumerable<Row> RunAsync(Lab lab)
    {
        var (many, few) = (Open(lab, "queue-many.db"), Open(lab, "queue-few.db"));
        await using (many.ConfigureAwait(false))
        await using (few.ConfigureAwait(false))
        {
            await many.OpenAsync(CancellationToken.None).ConfigureAwait(false);
            await few.OpenAsync(CancellationToken.None).ConfigureAwait(false);
            var fill = lab.Sizes.Queued / await Timed.MicrosecondsAsync(() => StartAsync(many, lab.Sizes.Queued)).ConfigureAwait(false) * 1e6;
            await StartAsync(few, lab.Sizes.FewQueued).ConfigureAwait(false);
            yield return new Row($"queue-1m, start {lab.Sizes.Queued}", "runs/s", Samples.Of(fill), null, null, null);

            var (measured, baseline) = await lab.CompareAsync(() => ClaimAsync(many), () => ClaimAsync(few)).ConfigureAwait(false);
            yield return new Row("queue-1m, claim", "runs/s", measured, $"{lab.Sizes.FewQueued} queued", baseline, new Bar(0.9, AtLeast: true));
        }
    }

    /// <summary>Takes some runs; as many are started anew, unmeasured, so that there are always as many as in the beginning.</summary>
    private static async Task<double> ClaimAsync(IRunStore store)
    {
        var last = new Dictionary<int, string>();
        var claimed = 0;
        var time = await Timed.MicrosecondsAsync(async () =>
        {
            for (var i = 0; i < Claims; i++)
            {
                var request = new ClaimRequest
                {
                    HostId = Guid.Empty,
                    Flows = ["Queue"],
                    LastServed = last,
                    Now = TimeProvider.System.GetUtcNow(),
                    Limit = AtOnce,
                };
                foreach (var run in await store.ClaimDueAsync(request, CancellationToken.None).ConfigureAwait(false))
                {
                    last[run.Run.Priority] = run.Run.FairnessKey;
                    claimed++;
                }
            }
        }).ConfigureAwait(false);
        await StartAsync(store, claimed).ConfigureAwait(false);
        return claimed / time * 1e6;
    }

    private static async Task StartAsync(IRunStore store, int runs)
    {
        foreach (var chunk in Enumerable.Range(0, runs).Chunk(Chunk))
            await store.StartAsync(Array.ConvertAll(chunk, NewStart), CancellationToken.None).ConfigureAwait(false);
    }

    private static RunStart NewStart(int number)
    {
        var id = RunId.New(TimeProvider.System);
        var now = TimeProvider.System.GetUtcNow();
        var parameters = "{}"u8.ToArray();
        return new RunStart
        {
            Run = new FlowRunRecord
            {
                Id = id,
                Flow = "Queue",
                State = FlowRunState.Queued,
                Parameters = parameters,
                ParametersHash = ContentHash.Of(parameters),
                RootRunId = id,
                Attempt = 0,
                CreatedAt = now,
                WakeAt = now,
                Priority = number % 10 == 0 ? 1 : 0,
                FairnessKey = number % 2 == 0 ? "tenant" : $"tenant {number % 100}",
            },
        };
    }

    private static IRunStore Open(Lab lab, string file) => Lab.NewStore(lab.PlaceOf(file), lab.Arguments.Durability);
}
