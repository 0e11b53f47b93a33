namespace Fletcher.Torture.Plans;

/// <summary>A node of a random flow.</summary>
/// <param name="Path">
/// Its unique name in the flow: a segment for each node above it. Behind <c>s</c> is its place in a sequence, so that two paths tell
/// whether one node runs before the other; behind <c>t</c> (together) its place in a <c>Task.WhenAll</c>, behind <c>p</c> in a
/// <c>Flow.Map</c>; <c>i</c> is inside a step or flow.
/// </param>
/// <param name="Kind">What it is.</param>
/// <param name="Salt">What makes its result its own.</param>
/// <param name="Children">The nodes inside.</param>
internal sealed record Node(string Path, NodeKind Kind, ulong Salt, IReadOnlyList<Node> Children)
{
    /// <summary>More failures than any step has retries.</summary>
    public const int Always = 99;

    /// <summary>How long the step's body takes, in milliseconds.</summary>
    public int Milliseconds { get; init; }

    /// <summary>How many attempts fail.</summary>
    public int Failures { get; init; }

    /// <summary>How many items run at the same time.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>Whether its work stops when its token is cancelled.</summary>
    public bool HeedsToken { get; init; }

    /// <summary>Whether it ends with a failure, which the flow handles.</summary>
    public bool Fails => Failures == Always;

    /// <summary>Whether its body must begin at most once for each attempt.</summary>
    public bool IsOnce => Kind is NodeKind.Once or NodeKind.OnceFlaky or NodeKind.OuterOnce;

    /// <summary>Whether it is a step whose body writes lines.</summary>
    public bool IsStep => Kind is not (NodeKind.Sequence or NodeKind.Together or NodeKind.Map or NodeKind.MapOfSteps
        or NodeKind.SubFlow or NodeKind.SubFlowTwice);

    /// <summary>Whether its body begins only when all that was before it is committed.</summary>
    public bool HasEffect => IsStep && Kind != NodeKind.Read;

    /// <summary>It and all nodes inside it.</summary>
    public IEnumerable<Node> All() => Children.SelectMany(child => child.All()).Prepend(this);
}
