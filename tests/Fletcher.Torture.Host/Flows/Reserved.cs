using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Flows;

/// <summary>What a step with an undo returns: the undo is given it.</summary>
/// <param name="Done">The result for the flow.</param>
/// <param name="Root">The outermost run.</param>
/// <param name="Receipt">The execution that returned it; no two have the same.</param>
internal sealed record Reserved(Folded Done, string Root, string Receipt);
