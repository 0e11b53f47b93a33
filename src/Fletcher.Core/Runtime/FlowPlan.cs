using System.ComponentModel;

namespace Fletcher.Runtime;

/// <summary>What a node of a plan is.</summary>
public enum PlanNodeKind
{
    /// <summary>A call of a step.</summary>
    Step,
    /// <summary>A call of another flow.</summary>
    SubFlow,
    /// <summary>One way of an <c>if</c>, <c>switch</c> or <c>?:</c>; its children may run.</summary>
    Branch,
    /// <summary>A loop; its children may run any number of times.</summary>
    Loop,
    /// <summary>A fan-out with <c>Flow.Map</c>, or a lambda that runs for many.</summary>
    FanOut,
    /// <summary>A <c>catch</c> or <c>finally</c> block; its children run when something failed, or at the end.</summary>
    Handler,
}

/// <summary>A place in a flow's body, in the order of the source.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Label">The stable name of the step or flow; for other kinds the source text of the condition or header, shortened.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Children">What is inside it; empty for steps.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record PlanNode(PlanNodeKind Kind, string Label, int Line, IReadOnlyList<PlanNode> Children);

/// <summary>
/// The steps that a flow's body mentions, in the order of the source, with branches and loops. It draws the picture before
/// the first run, and names what a failure kept from running.
/// </summary>
/// <param name="Nodes">The outermost nodes.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record FlowPlan(IReadOnlyList<PlanNode> Nodes);
