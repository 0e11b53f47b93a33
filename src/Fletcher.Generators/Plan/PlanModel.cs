using Fletcher.Generators.Text;

namespace Fletcher.Generators.Plan;

/// <summary>What a node is; the names are those of the runtime's <c>PlanNodeKind</c>.</summary>
internal enum PlanKind
{
    Step,
    SubFlow,
    Branch,
    Loop,
    FanOut,
    Handler,
}

/// <summary>A flow's plan.</summary>
internal sealed record PlanModel(EquatableArray<PlanNodeModel> Nodes)
{
    /// <summary>An expression that makes it.</summary>
    internal string Creation => $"new global::Fletcher.Runtime.FlowPlan({PlanNodeModel.List(Nodes)})";
}

/// <summary>A place in a flow's body.</summary>
internal sealed record PlanNodeModel(PlanKind Kind, string Label, int Line, EquatableArray<PlanNodeModel> Children)
{
    internal static string List(EquatableArray<PlanNodeModel> nodes) => $"[{string.Join(", ", nodes.Select(n => n.Creation))}]";

    private string Creation => $"new(global::Fletcher.Runtime.PlanNodeKind.{Kind}, {Literal.Of(Label)}, {Line}, {List(Children)})";
}
