using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>Waiting for a run that this call does not execute (any more).</summary>
internal sealed partial class FlowStarter<T>
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private async ValueTask<ClaimedRun?> ReturnAsync(FlowRunRecord left)
    {
        try
        {
            return await host.Parked.ReturnAsync(left, _flow, call.CallerToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (call.CallerToken.IsCancellationRequested && !host.IsStopping)
        {
            // The caller does not wait any more: the run is executed up to where it waits, and ends there.
            return await TakeToStopAsync(left.Id).ConfigureAwait(false) ?? throw new OperationCanceledException(call.CallerToken);
        }
    }

    /// <summary>Takes a run that waits, to stop it; null when somebody else has it by now.</summary>
    private ValueTask<ClaimedRun?> TakeToStopAsync(RunId id) => host.TryTakeAsync(id, async () =>
    {
        var run = await host.Store.GetFlowRunAsync(id, CancellationToken.None).ConfigureAwait(false);
        return run is { HostId: null } && (!run.State.IsEnd() || run.State == FlowRunState.Crashed) ? run : null;
    });

    /// <summary>Who waits for a run that somebody cancels is told so, and does not start another one instead.</summary>
    private async ValueTask ThrowIfCancelledAsync(RunId awaited)
    {
        if (await host.Store.GetFlowRunAsync(awaited, call.CallerToken).ConfigureAwait(false) is { State: FlowRunState.Cancelled } cancelled)
            throw EndedRun.Cancelled(cancelled);
    }

    /// <summary>Waits for a run that somebody else executes: until it ends here, or, elsewhere, for a moment.</summary>
    private async ValueTask LookAgainAsync(RunId run)
    {
        ThrowIfStopping(run);
        if (host.FindExecution(run) is { } here)
            await Wait.ForAsync(here.Ended, host.Time, call.CallerToken).ConfigureAwait(false);
        else if (host.Owns(run))
            await Task.Yield(); // about to begin, or just over
        else
            await Wait.UntilAsync(host.Now + LookAgain, host.Time, call.CallerToken).ConfigureAwait(false);
        ThrowIfStopping(run); // the store may be closed
    }

    private void ThrowIfStopping(RunId run)
    {
        if (host.IsStopping)
            throw new RunHandedOverException($"The host stops while a call of '{_flow.Id}' waits for flow run {run}. That goes on elsewhere, or after the next start.");
    }
}
