using Fletcher.Model;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Flows;

/// <summary>What the bodies of all undo steps do.</summary>
internal static class UndoBody
{
    public static async Task RunAsync(ulong seed, string path, ulong input, Reserved reserved, CancellationToken cancellationToken)
    {
        var node = Plan.Of(seed)[path];

        // Not the lease of the calling code: whoever goes on with undoing does not execute the flow's body.
        var lease = LeaseObserver.Of(RunId.Parse(reserved.Root));
        lease.Write(EffectKind.Undoing, node, input, reserved.Receipt);
        try
        {
            if (node.UndoMilliseconds > 0)
                await Task.Delay(node.UndoMilliseconds, node.HeedsToken ? cancellationToken : CancellationToken.None).ConfigureAwait(false);
            if (Flow.Current.StepAttempt <= node.UndoFailures)
                throw new PlannedFailureException($"the undo of {path} fails in attempt {Flow.Current.StepAttempt}");
            lease.Write(EffectKind.Undone, node, input, reserved.Receipt);
        }
        catch (PlannedFailureException)
        {
            lease.Write(EffectKind.UndoFailed, node, input, reserved.Receipt);
            throw;
        }
        catch (OperationCanceledException)
        {
            lease.Write(EffectKind.UndoStopped, node, input, reserved.Receipt);
            throw;
        }
    }
}
