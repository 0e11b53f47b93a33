using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Hosting;

/// <summary>What a process does that was started for one run: it takes the run from its parent, executes it, and is done.</summary>
internal sealed class RunForParent(FletcherHost host, IsolatedRun order)
{
    /// <summary>Executes the run until it ends, waits without a host, or is handed over because the process is told to stop.</summary>
    /// <param name="stop">Completes, with the reason, when the process is to stop.</param>
    internal async Task ExecuteAsync(Task<string> stop)
    {
        await using var closed = host.ConfigureAwait(false);
        await host.StartAsync().ConfigureAwait(false);
        if (await ClaimAsync().ConfigureAwait(false) is not { } claimed)
            return;
        var served = Task.Run(() => host.ServeAsync(claimed)); // apart: a flow may keep the thread that executes it
        var over = EndAsync(served);
        if (await Task.WhenAny(over, stop).ConfigureAwait(false) == stop)
            await host.StopAsync(await stop.ConfigureAwait(false)).ConfigureAwait(false);
        else
            await over.ConfigureAwait(false);
    }

    /// <summary>Runs that the run started, and nobody waits for, have no other process.</summary>
    private async Task EndAsync(Task served)
    {
        try
        {
            await served.ConfigureAwait(false);
        }
        catch (OutOfMemoryException e)
        {
            _ = e; // the run has ended with it, and the process is about to
        }

        await host.DrainAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<Storage.ClaimedRun?> ClaimAsync()
    {
        var run = await host.Store.GetFlowRunAsync(order.Run, CancellationToken.None).ConfigureAwait(false);

        // Somebody took it for lost meanwhile, and has it.
        if (run is null || run.HostId != order.Parent || run.Fence != order.Fence)
            return null;
        if (host.FindFlow(run.Flow) is null)
            throw new FletcherUsageException("FLT1433", $"Flow run {run.Id} is to be executed by a process of its own, and that has no flow '{run.Flow}'. The assembly with the flow must be one that the program refers to.");
        host.Own(run.Id);
        if (await host.Store.TryClaimAsync(run.Id, run.Version, host.Id, host.Now, CancellationToken.None).ConfigureAwait(false) is not { } claimed)
            return null;

        // It is the execution that the parent has begun, and not another one.
        var reason = string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} was started for it");
        return new Storage.ClaimedRun(claimed with { Attempt = run.Attempt }, FlowRunState.Running, reason);
    }
}
