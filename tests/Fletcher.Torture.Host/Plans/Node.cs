namespace Fletcher.Torture.Plans;

/// <summary>A node of a random flow.</summary>
/// <param name="Path">
/// Its unique name in the flow: a segment for each node above it. Behind <c>s</c> is its place in a sequence, so that two paths tell
/// whether one node runs before the other; behind <c>t</c> (together) its place in a <c>Task.WhenAll</c>, behind <c>p</c> in a
/// <c>Flow.Map</c>; <c>i</c> is inside a step or flow, <c>x</c> and <c>z</c> are inside a transaction.
/// </param>
/// <param name="Kind">What it is.</param>
/// <param name="Salt">What makes its result its own.</param>
/// <param name="Children">The nodes inside.</param>
internal sealed record Node(string Path, NodeKind Kind, ulong Salt, IReadOnlyList<Node> Children)
{
    /// <summary>More failures than any step has retries.</summary>
    public const int Always = 99;

    /// <summary>How long the step's body takes, or the wait, in milliseconds.</summary>
    public int Milliseconds { get; init; }

    /// <summary>How many attempts fail.</summary>
    public int Failures { get; init; }

    /// <summary>How long the body of its undo takes, in milliseconds.</summary>
    public int UndoMilliseconds { get; init; }

    /// <summary>How many attempts of its undo fail.</summary>
    public int UndoFailures { get; init; }

    /// <summary>How many items run at the same time.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>Whether its work stops when its token is cancelled.</summary>
    public bool HeedsToken { get; init; }

    /// <summary>Whether it ends with a failure, which the flow handles.</summary>
    public bool Fails => Failures == Always;

    /// <summary>Whether its body must begin at most once for each attempt.</summary>
    public bool IsOnce => Kind is NodeKind.Once or NodeKind.OnceFlaky or NodeKind.OuterOnce or NodeKind.ReserveOnce;

    /// <summary>Whether it is a step with an undo.</summary>
    public bool IsUndoable => Kind is NodeKind.Reserve or NodeKind.ReserveOnce or NodeKind.ReserveUndoOnce or NodeKind.OuterReserve;

    /// <summary>Whether it is a step whose body writes lines.</summary>
    public bool IsStep => Kind is NodeKind.Outer or NodeKind.OuterOnce or NodeKind.Work or NodeKind.Item or NodeKind.Read or NodeKind.Flaky
        or NodeKind.Once or NodeKind.OnceFlaky or NodeKind.Large or NodeKind.LargeText or NodeKind.Remembers || IsUndoable;

    /// <summary>Whether it waits for time or for a signal.</summary>
    public bool IsWait => Kind is NodeKind.Sleep or NodeKind.Signal or NodeKind.NoSignal;

    /// <summary>Whether its body begins only when all that was before it is committed.</summary>
    public bool HasEffect => IsStep && Kind != NodeKind.Read;

    /// <summary>It and all nodes inside it.</summary>
    public IEnumerable<Node> All() => Children.SelectMany(child => child.All()).Prepend(this);
}
