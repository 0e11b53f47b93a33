namespace Fletcher.Torture.Plans;

/// <summary>What a random flow must return: computed from its plan alone, without running anything.</summary>
internal static class Expected
{
    /// <summary>The result when of these nodes nobody knows whether they took effect, and all others ended as planned.</summary>
    public static Folded Of(Plan plan, IReadOnlySet<string> unknown) => Of(plan.Root, plan.Seed, unknown);

    /// <summary>
    /// What a flow goes on with when nobody knows whether a node took effect: the value that it has in any case. With another one, what is behind a node that completed,
    /// was undone and is then in doubt would be other calls, and at-most-once ones among them would rightly stop the flow (FLT1303).
    /// </summary>
    public static Folded InDoubt(Node node, ulong input) => Of(node, input, new HashSet<string>()) with { Unknown = [node.Path] };

    private static Folded Of(Node node, ulong input, IReadOnlySet<string> unknown)
    {
        if (unknown.Contains(node.Path))
            return InDoubt(node, input);
        if (node.Fails)
            return Folded.Failed(node, input);
        switch (node.Kind)
        {
            case NodeKind.Sequence:
                return InOrder(node, input, unknown);
            case NodeKind.Together or NodeKind.Map or NodeKind.MapOfSteps:
                return Folded.All(input, node.Children.Select(child => Of(child, input, unknown)));
            case NodeKind.SubFlow or NodeKind.SubFlowTwice or NodeKind.Outer or NodeKind.OuterOnce
                or NodeKind.OuterReserve or NodeKind.Transaction:
                return Folded.Done(node, Of(node.Children[0], input, unknown));
            default:
                return Folded.Done(node, input);
        }
    }

    private static Folded InOrder(Node node, ulong input, IReadOnlySet<string> unknown)
    {
        var last = new Folded(input, []);
        var inDoubt = new List<string>();
        foreach (var child in node.Children)
        {
            last = Of(child, last.Value, unknown);
            inDoubt.AddRange(last.Unknown);
        }

        return last with { Unknown = [.. inDoubt] };
    }
}
