using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Torture.Conductor;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Flows;
using Fletcher.Torture.Oracle;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Tests;

/// <summary>Runs a random flow in this process, on a memory store, and gathers the same evidence as the torture does.</summary>
internal static class Uninterrupted
{
    public static async Task<Evidence> RunAsync(ulong seed)
    {
        var file = Path.GetTempFileName();
        try
        {
            var store = new MemoryStore();
            Folded? result = null;
            List<StoredRun> runs;
            using (var effects = new EffectFile(file))
            {
                var options = new FletcherOptions { Store = () => store };
                options.Observers.Add(new LeaseObserver(effects));
                await using var host = new FletcherHost(options);
                var call = RandomFlow.CallAsync(host, seed);
                await SignalAsync(store, Plan.Of(seed), call);
                try
                {
                    result = await call;
                }
                catch (PlannedFailureException) when (Plan.Of(seed).Manner == Manner.Failing)
                {
                    // Its run has ended as it was to.
                }

                await host.FlushAsync();
                runs = await Stored.RunsAsync(store, TestContext.Current.CancellationToken);
            }

            return new Evidence
            {
                Seeds = [seed],
                Effects = EffectFile.Read(file),
                Runs = runs,
                Answers = result is null ? [] : [new Answer(seed, result)],
            };
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task SignalAsync(MemoryStore store, Plan plan, Task call)
    {
        var client = new FletcherClient(store);
        foreach (var node in plan.Nodes.Where(node => node.Kind == NodeKind.Signal))
        {
            var query = new FlowRunQuery { Flow = RandomFlow.Id };
            IReadOnlyList<FlowRunRecord> runs;
            while ((runs = await store.GetFlowRunsAsync(query, TestContext.Current.CancellationToken)).Count == 0 && !call.IsCompleted)
                await Task.Yield();
            await client.SignalAsync(runs[0].Id, node.Path, plan.SignalOf(node), null, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Of a quick flow whose plan is as the test needs it.</summary>
    public static Task<Evidence> RunAsync(Func<Plan, bool> isWanted)
    {
        for (var seed = 1ul; ; seed++)
        {
            if (isWanted(Plan.Of(seed)) && !Plan.Of(seed).Nodes.Any(node => node.IsWait))
                return RunAsync(seed);
        }
    }
}
