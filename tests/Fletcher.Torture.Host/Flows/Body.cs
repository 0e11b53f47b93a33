using Fletcher.Torture.Effects;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Flows;

/// <summary>What the bodies of all steps do: say that they begin, take their time, and fail or return as planned.</summary>
internal static class Body
{
    public static async Task<Folded> RunAsync(ulong seed, string path, ulong input, CancellationToken cancellationToken, string receipt = "")
    {
        var node = Plan.Of(seed)[path];
        var lease = Lease.Current;
        lease.Write(EffectKind.Began, node, input);
        try
        {
            var inside = node.Children.Count == 0 ? null : await Interpreter.RunAsync(Plan.Of(seed), node.Children[0], input).ConfigureAwait(false);
            if (node.Milliseconds > 0)
                await Task.Delay(node.Milliseconds, node.HeedsToken ? cancellationToken : CancellationToken.None).ConfigureAwait(false);
            if (Flow.Current.StepAttempt <= node.Failures)
                throw new PlannedFailureException($"{path} fails in attempt {Flow.Current.StepAttempt}");
            lease.Write(EffectKind.Returned, node, input, receipt);
            return inside is null ? Folded.Done(node, input) : Folded.Done(node, inside);
        }
        catch (PlannedFailureException)
        {
            lease.Write(EffectKind.Failed, node, input);
            throw;
        }
        catch (OperationCanceledException)
        {
            lease.Write(EffectKind.Stopped, node, input);
            throw;
        }
    }
}
