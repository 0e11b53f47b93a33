using Fletcher.Hosting;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Flows;

/// <summary>The flows that execute plans.</summary>
internal static class RandomFlow
{
    public const string Id = "RandomFlow.Run";

    /// <summary>Runs a random flow on a host; here, where calls are intercepted.</summary>
    public static Task<Folded> CallAsync(FletcherHost host, ulong seed) => host.RunAsync(() => Run(seed));

    [Flow(Id = Id, Name = "{seed}", Once = "{seed}")]
    public static async Task<Folded> Run(ulong seed)
    {
        Lease.Current = LeaseObserver.Of(Flow.Current.RunId);
        var plan = Plan.Of(seed);
        var result = await Interpreter.RunAsync(plan, plan.Root, seed).ConfigureAwait(false);
        return plan.Manner == Manner.Failing ? throw new PlannedFailureException("the flow fails at its end") : result;
    }

    [Flow(Name = "{path}")]
    public static async Task<Folded> Inner(ulong seed, string path, ulong input)
    {
        var node = Plan.Of(seed)[path];
        var inside = await Interpreter.RunAsync(Plan.Of(seed), node.Children[0], input).ConfigureAwait(false);
        return node.Fails ? throw new PlannedFailureException($"{path} fails at its end") : Folded.Done(node, inside);
    }

    [Flow(Name = "{path}", Retries = 1, Backoff = "5ms")]
    public static async Task<Folded> InnerTwice(ulong seed, string path, ulong input)
    {
        var node = Plan.Of(seed)[path];
        var inside = await Interpreter.RunAsync(Plan.Of(seed), node.Children[0], input).ConfigureAwait(false);

        // After a crash it is another attempt already; then it does not fail, and its result is the same.
        return Flow.Current.FlowAttempt == 1
            ? throw new PlannedFailureException($"{path} fails the first time")
            : Folded.Done(node, inside);
    }
}
