using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Diagnosis;

/// <summary>Reads from a flow's plan which steps stand behind a failure.</summary>
internal static class PlanReader
{
    private readonly record struct Mention(string Label, int Line, bool IsCertain);

    /// <summary>The steps behind the failed one that never started.</summary>
    /// <param name="plan">The flow's plan.</param>
    /// <param name="failed">The step of the flow's body that failed; null when the body itself did.</param>
    /// <param name="failedLine">The line in the body where it failed; 0 when it is not known.</param>
    /// <param name="hasStarted">Whether a step has a step run.</param>
    internal static IEnumerable<StepNotRun> After(
        FlowPlan plan, string? failed, int failedLine, Func<string, bool> hasStarted)
    {
        var mentions = new List<Mention>();
        Flatten(plan.Nodes, true, mentions);

        var position = failed is not null
            ? mentions.FindIndex(m => m.Label == failed)
            : mentions.FindLastIndex(m => m.Line <= failedLine);
        // A failure at a place that the plan does not mention (a step called by a helper) tells nothing about what is behind it.
        if (position < 0 && (failed is not null || failedLine == 0))
            return [];

        return mentions.Skip(position + 1)
            .Where(m => m.Label != failed && !hasStarted(m.Label))
            .GroupBy(static m => m.Label)
            .Select(static same => new StepNotRun(same.Key, same.Any(static m => m.IsCertain)));
    }

    private static void Flatten(IReadOnlyList<PlanNode> nodes, bool isCertain, List<Mention> mentions)
    {
        foreach (var node in nodes)
        {
            switch (node.Kind)
            {
                case PlanNodeKind.Step or PlanNodeKind.SubFlow:
                    mentions.Add(new Mention(node.Label, node.Line, isCertain));
                    break;
                case PlanNodeKind.FanOut:
                    Flatten(node.Children, isCertain, mentions);
                    break;
                case PlanNodeKind.Branch or PlanNodeKind.Loop:
                    Flatten(node.Children, false, mentions);
                    break;
                default:
                    // Handlers run because of a failure or in spite of it: one that did not run is no consequence.
                    break;
            }
        }
    }
}
