using Fletcher.Model;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>What was seen completed in the store is kept as it was, but for what was undone, and no execution that could know of it runs it again.</summary>
internal static class CommittedRule
{
    public const string Name = "a committed result was not kept";

    public static IEnumerable<Violation> Check(Evidence evidence)
    {
        var runs = evidence.Runs.ToDictionary(run => run.Id, StringComparer.Ordinal);
        var steps = evidence.Runs.ToDictionary(run => run.Id, run => run.Steps.ToDictionary(step => step.Sequence), StringComparer.Ordinal);
        var begun = evidence.Effects.Where(effect => effect.Kind is EffectKind.Began or EffectKind.Undoing).ToLookup(effect => (effect.Root, NameOf(effect)));
        foreach (var committed in evidence.Committed)
        {
            var seed = runs.TryGetValue(committed.Root, out var root) ? root.Seed : 0;
            var before = committed.Step;
            var kept = steps.GetValueOrDefault(committed.Run)?.GetValueOrDefault(before.Sequence);
            if (kept is null)
                yield return new Violation(Name, seed, $"{before} of run {committed.Run} is gone");
            else if (!IsKept(Plan.Of(seed), before, kept))
                yield return new Violation(Name, seed, $"{before} of run {committed.Run} is {kept} at the end");

            if (before.Path is null)
                continue;
            foreach (var again in begun[(committed.Root, before.Path)])
            {
                if (again.Offset >= committed.Offset && again.Fence >= committed.Fence && !IsAnotherOne(again, committed, kept))
                    yield return new Violation(Name, seed, $"{again}; but it was in the store, completed, under fence {committed.Fence} before offset {committed.Offset}");
            }
        }
    }

    // As the steps' attributes name them.
    private static string NameOf(Effect effect) => effect.Kind == EffectKind.Undoing ? $"undo {effect.Path}" : effect.Path;

    private static bool IsKept(Plan plan, StoredStep before, StoredStep kept)
    {
        // The code of a transaction is executed again in any case, and what is inside is judged by itself.
        if (before.IsTransaction || (kept == before with { Receipt = kept.Receipt } && kept.State == StepRunState.Completed))
            return true;
        if (before.IsDiscarded || before.Path is null || plan.Find(before.Path) is not { } node || !node.All().Any(inside => inside.IsUndoable))
            return false;
        var undone = before with { IsDiscarded = true, Receipt = kept.Receipt };

        // The step run that stands for a flow goes on when the flow is called again.
        return kept == undone || node.Kind is NodeKind.SubFlow or NodeKind.SubFlowTwice;
    }

    /// <summary>Whether it is another step run of the node, which there is once the one before was undone; an undo is always of one step run.</summary>
    private static bool IsAnotherOne(Effect again, CommittedStep committed, StoredStep? kept) =>
        (again.Sequence != committed.Step.Sequence || again.Run != committed.Run)
        && (again.Kind == EffectKind.Undoing || kept is { IsDiscarded: true });
}
