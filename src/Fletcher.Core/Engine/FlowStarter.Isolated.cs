using Fletcher.Model;

namespace Fletcher.Engine;

/// <summary>Runs that a process of their own executes.</summary>
internal sealed partial class FlowStarter<T>
{
    private async ValueTask<(Departure Departure, T Result, FlowRunRecord Left)> ExecuteIsolatedAsync(FlowRunRecord record, long seen, bool isAskedFor)
    {
        var left = await host.Isolated.ExecuteAsync(record, seen, _flow, isAskedFor, isServed: false, call.CallerToken).ConfigureAwait(false);
        switch (left.State)
        {
            case FlowRunState.Completed:
                return (Departure.Ended, Answer(left, await ReadAsync(left).ConfigureAwait(false)), left);
            case FlowRunState.Failed or FlowRunState.Cancelled:
            case FlowRunState.Crashed when left.WakeAt is null:
                host.Observers.FlowRunChanged(left, _flow);
                call.CallerToken.ThrowIfCancellationRequested();
                throw left.State == FlowRunState.Cancelled ? EndedRun.Cancelled(left)
                    : left.Error is { } error ? new EarlierFailureException(error) : EndedRun.Failed(left);
            default:
                // It waits, is to be resumed after a crash, or another host was faster: from here as with any run that was left.
                host.Observers.FlowRunChanged(left, _flow);
                return (host.IsStopping ? Departure.HandedOver : Departure.Parked, default!, left);
        }
    }
}
