using Fletcher.Generators.Plan;
using Fletcher.Generators.Text;

namespace Fletcher.Generators.Registry;

/// <summary>A flow or step that this assembly declares.</summary>
/// <param name="Definition">Its definition.</param>
/// <param name="Bind">How a flow is called by name; null for steps and flows that cannot be.</param>
/// <param name="Undo">How a step is undone; null for flows and steps that are not.</param>
/// <param name="Plan">The plan of a flow with a body; null for others.</param>
internal sealed record DeclaredModel(DefinitionModel Definition, BindModel? Bind, UndoModel? Undo, PlanModel? Plan);
