using Fletcher.Model;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>
/// In a run and in a transaction that fails or is cancelled, all is undone that completed; what stands is not. The store says the same of it as the lines. When an undo is in doubt,
/// what was before it may be left.
/// </summary>
internal static class UndoneRule
{
    public const string Name = "not undone";
    public const string StandsName = "undone although it stands";
    public const string StoredName = "an undo is not stored as it happened";

    public static IEnumerable<Violation> Check(Evidence evidence) =>
        evidence.Families().SelectMany(family => Check(evidence, family.Run, UndoneStep.Of(evidence, family.Run, family.Effects)));

    private static IEnumerable<Violation> Check(Evidence evidence, StoredRun root, List<UndoneStep> steps)
    {
        var isHalfUndone = evidence.IsHalfUndone(root);
        var unknown = evidence.Unknown(root);
        foreach (var step in steps)
        {
            if (step.IsStored != step.Step.IsDiscarded || (step.IsStored && step.Done is null))
                yield return new Violation(StoredName, root.Seed, $"{step}");

            // Nobody comes back to a flow or transaction that was begun inside a step that is in doubt: it neither failed nor completed.
            var decides = step.Scope ?? Transaction(root, step.Path)!;
            var isLeft = decides.Length > 0 && unknown.Any(path => Paths.IsInside(path, decides));
            var must = isLeft ? null : MustBeUndone(root, step);
            if (must == true && !step.IsStored && !isHalfUndone)
                yield return new Violation(Name, root.Seed, $"{step} in run {root.Id}, {root.State}");
            if (must == false && (step.IsStored || step.Begun is not null))
                yield return new Violation(StandsName, root.Seed, $"{step} in run {root.Id}, {root.State}");
        }

        foreach (var part in isHalfUndone ? [] : steps.Where(step => MustBeUndone(root, step) is null).GroupBy(step => Transaction(root, step.Path)))
        {
            if (part.Key is not null && part.Select(step => step.IsStored).Distinct().Count() > 1)
                yield return new Violation(Name, root.Seed, $"a part of the transaction {part.Key}: {string.Join("; ", part)}");
        }
    }

    /// <summary>Null when a cancellation decides about it.</summary>
    private static bool? MustBeUndone(StoredRun root, UndoneStep step)
    {
        var isCancelled = Plan.Of(root.Seed).Manner == Manner.Cancelled;
        return (step.Scope, root.State) switch
        {
            (null, _) => isCancelled ? null : false,
            ("", FlowRunState.Completed) => isCancelled && IsInside(root, step.Path) ? null : false,
            ("", FlowRunState.Cancelled or FlowRunState.Failed) => true,
            ("", _) => null, // no end: another rule says so
            _ => true,
        };
    }

    private static bool IsInside(StoredRun root, string path) => Around(root, path).Any();

    /// <summary>The outermost transaction around a node: it is undone wholly or not at all.</summary>
    private static string? Transaction(StoredRun root, string path) =>
        Around(root, path).Where(node => node.Kind == NodeKind.Transaction).MinBy(node => node.Path.Length)?.Path;

    private static IEnumerable<Node> Around(StoredRun root, string path) => Plan.Of(root.Seed).Nodes
        .Where(node => node.Kind is NodeKind.Transaction or NodeKind.SubFlow or NodeKind.SubFlowTwice && Paths.IsInside(node.Path, path));
}
