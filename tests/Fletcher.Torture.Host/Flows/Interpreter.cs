using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Flows;

/// <summary>Executes the nodes of a plan with the constructs that people use.</summary>
internal static class Interpreter
{
    public static async Task<Folded> RunAsync(Plan plan, Node node, ulong input)
    {
        switch (node.Kind)
        {
            case NodeKind.Sequence:
                return await InOrderAsync(plan, node, input).ConfigureAwait(false);
            case NodeKind.Together:
                var parts = await Task.WhenAll(node.Children.Select(child => RunAsync(plan, child, input))).ConfigureAwait(false);
                return Folded.All(input, parts);
            case NodeKind.Map:
                return Folded.All(input, await Flow.Map(node.Children, child => RunAsync(plan, child, input), node.Concurrency).ConfigureAwait(false));
            case NodeKind.MapOfSteps:
                var given = node.Children.Select(child => new RandomSteps.Given(plan.Seed, child.Path, input));
                return Folded.All(input, await Flow.Map(given, RandomSteps.Item, node.Concurrency).ConfigureAwait(false));
            default:
                return node.Fails || node.IsOnce
                    ? Handle(node, input, await Flow.Try(() => CallAsync(plan.Seed, node, input)).ConfigureAwait(false))
                    : await CallAsync(plan.Seed, node, input).ConfigureAwait(false);
        }
    }

    private static async Task<Folded> InOrderAsync(Plan plan, Node node, ulong input)
    {
        var last = new Folded(input, []);
        var inDoubt = new List<string>();
        foreach (var child in node.Children)
        {
            last = await RunAsync(plan, child, last.Value).ConfigureAwait(false);
            inDoubt.AddRange(last.Unknown);
        }

        return last with { Unknown = [.. inDoubt] };
    }

    private static async Task<Folded> CallAsync(ulong seed, Node node, ulong input)
    {
        var path = node.Path;
        switch (node.Kind)
        {
            case NodeKind.OuterOnce when Paths.IsInRace(path):
                return await RandomSteps.OuterOnceInRace(seed, path, input, default).ConfigureAwait(false);
            case NodeKind.Once when Paths.IsInRace(path):
                return await RandomSteps.OnceInRace(seed, path, input, default).ConfigureAwait(false);
            case NodeKind.OnceFlaky when Paths.IsInRace(path):
                return await RandomSteps.OnceFlakyInRace(seed, path, input, default).ConfigureAwait(false);
            case NodeKind.SubFlow:
                return await RandomFlow.Inner(seed, path, input).ConfigureAwait(false);
            case NodeKind.SubFlowTwice:
                return await RandomFlow.InnerTwice(seed, path, input).ConfigureAwait(false);
            case NodeKind.Outer:
                return await RandomSteps.Outer(seed, path, input, default).ConfigureAwait(false);
            case NodeKind.OuterOnce:
                return await RandomSteps.OuterOnce(seed, path, input, default).ConfigureAwait(false);
            case NodeKind.Transaction:
                return await Flow.Transaction(() => TransactAsync(Plan.Of(seed), node, input)).ConfigureAwait(false);
            case NodeKind.Reserve:
                return (await UndoableSteps.Reserve(seed, path, input, default).ConfigureAwait(false)).Done;
            case NodeKind.ReserveOnce:
                return (await UndoableSteps.ReserveOnce(seed, path, input, default).ConfigureAwait(false)).Done;
            case NodeKind.ReserveUndoOnce:
                return (await UndoableSteps.ReserveUndoOnce(seed, path, input, default).ConfigureAwait(false)).Done;
            case NodeKind.OuterReserve:
                return (await UndoableSteps.OuterReserve(seed, path, input, default).ConfigureAwait(false)).Done;
            case NodeKind.Work:
                return await RandomSteps.Work(seed, path, input, default).ConfigureAwait(false);
            case NodeKind.Read:
                return await RandomSteps.Read(seed, path, input, default).ConfigureAwait(false);
            case NodeKind.Flaky:
                return await RandomSteps.Flaky(seed, path, input, default).ConfigureAwait(false);
            case NodeKind.Once:
                return await RandomSteps.Once(seed, path, input, default).ConfigureAwait(false);
            case NodeKind.OnceFlaky:
                return await RandomSteps.OnceFlaky(seed, path, input, default).ConfigureAwait(false);
            case NodeKind.Large:
                var bytes = await RandomSteps.Large(seed, path, input, default).ConfigureAwait(false);
                return Checked(node, input, bytes.AsSpan().SequenceEqual(LargeContent.Bytes(Folded.Done(node, input).Value)));
            case NodeKind.LargeText:
                var text = await RandomSteps.LargeText(seed, path, input, default).ConfigureAwait(false);
                return Checked(node, input, text == LargeContent.Text(Folded.Done(node, input).Value));
            case NodeKind.Remembers:
                var id = Flow.NewGuid();
                var now = Flow.Now;
                return await RandomSteps.Remembers(seed, path, input, id, now, default).ConfigureAwait(false);
            case NodeKind.Sleep:
                await Flow.Sleep(TimeSpan.FromMilliseconds(node.Milliseconds)).ConfigureAwait(false);
                return Folded.Done(node, input);
            case NodeKind.Signal:
                var value = await Flow.WaitFor<ulong>(path).ConfigureAwait(false);
                return Checked(node, input, value == Plan.Of(seed).SignalOf(node));
            case NodeKind.NoSignal:
                await Flow.WaitFor(path, TimeSpan.FromMilliseconds(node.Milliseconds)).ConfigureAwait(false);
                throw new InvalidDataException($"{path} got a signal that nobody sent.");
            default:
                throw new InvalidOperationException($"'{node.Kind}' is no call.");
        }
    }

    /// <summary>The code of a transaction. One that fails may leave a step behind that still runs.</summary>
    private static async Task<Folded> TransactAsync(Plan plan, Node node, ulong input)
    {
        var inside = await RunAsync(plan, node.Children[0], input).ConfigureAwait(false);
        if (!node.Fails)
            return Folded.Done(node, inside);
        foreach (var stray in node.Children.Skip(1))
            _ = RunAsync(plan, stray, input);
        throw new PlannedFailureException($"{node.Path} fails at its end");
    }

    private static Folded Checked(Node node, ulong input, bool isSame) => isSame
        ? Folded.Done(node, input)
        : throw new InvalidDataException($"{node.Path} has another result than it returned.");

    /// <summary>Only a failure that was planned is one that the flow handles.</summary>
    private static Folded Handle(Node node, ulong input, Outcome<Folded> outcome) => outcome switch
    {
        { IsSuccess: true } => outcome.Value,
        { Kind: OutcomeKind.Unknown } when node.IsOnce => Expected.InDoubt(node, input),
        { Error: PlannedFailureException or StepFailedException or WaitTimeoutException } when node.Fails => Folded.Failed(node, input),
        { Error: TransactionFailedException or UndoFailedException or EarlierFailureException } when node.Fails => Folded.Failed(node, input),
        _ => outcome.Value, // throws
    };
}
