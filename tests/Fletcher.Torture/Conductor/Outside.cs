using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Torture.Flows;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Conductor;

/// <summary>The world outside the hosts: looks into the store how the flows stand, sends their signals, and cancels some.</summary>
internal sealed class Outside(IRunStore store, Workload work)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private readonly FletcherClient _client = new(store, "the conductor");

    /// <summary>Goes on until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await store.OpenAsync(cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            await LookAsync(cancellationToken);
            await Task.Delay(LookEvery, cancellationToken);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var open = work.Open;
        var query = new FlowRunQuery { Flow = RandomFlow.Id, Limit = 1000 };
        var runs = (await store.GetFlowRunsAsync(query, cancellationToken))
            .ToLookup(run => ulong.Parse(run.OnceKey!, CultureInfo.InvariantCulture));
        foreach (var flow in open)
        {
            var run = runs[flow.Seed].FirstOrDefault();
            if (run is null)
                work.AskOne(flow);
            else if (run.State is FlowRunState.Completed or FlowRunState.Failed or FlowRunState.Cancelled)
                work.End(flow);
            else
                await ActAsync(flow, run.Id, cancellationToken);
        }
    }

    private async Task ActAsync(OpenFlow flow, RunId run, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        try
        {
            foreach (var signal in flow.Signals.Where(signal => signal.At <= now).ToList())
            {
                var path = signal.Node.Path;
                await _client.SignalAsync(run, path, flow.Plan.SignalOf(signal.Node), path, cancellationToken);
                flow.Signals.Remove(signal);
            }

            if (flow.CancelAt <= now)
            {
                await _client.CancelAsync(run, "that is a part of the torture", cancellationToken);
                flow.CancelAt = null;
            }
        }
        catch (FletcherUsageException)
        {
            // It has ended in the meantime; the next look says how.
        }
    }
}
