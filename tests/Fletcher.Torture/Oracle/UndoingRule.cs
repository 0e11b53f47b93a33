using Fletcher.Torture.Effects;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>
/// A run undoes only when it is about to end: what it does not share with a transaction or flow that fails inside it, it undoes itself, and no step begins after that. A host that has lost
/// the run, and does not know it yet, may still begin one.
/// </summary>
internal static class UndoingRule
{
    public const string Name = "a step began in a run that undoes";
    public const string OtherName = "undone by another run";

    public static IEnumerable<Violation> Check(Evidence evidence)
    {
        foreach (var (root, effects) in evidence.Families())
        {
            var plan = Plan.Of(root.Seed);
            var own = effects.Where(effect => effect.Kind == EffectKind.Undoing && plan.Find(effect.Path) is not null && UndoScopes.Of(plan, effect.Path) == "").ToList();
            foreach (var undo in own.Where(undo => undo.Run != root.Id && plan.Manner != Manner.Cancelled))
                yield return new Violation(OtherName, root.Seed, $"run {undo.Run} is not {root.Id}: {undo}");
            if (own.Find(undo => undo.Run == root.Id && !IsInTransaction(plan, undo.Path)) is not { } first)
                continue;
            foreach (var began in effects.Where(effect => effect.Kind == EffectKind.Began && effect.Offset > first.Offset && effect.Fence >= first.Fence))
                yield return new Violation(Name, root.Seed, $"{began}; since {first}");
        }
    }

    // When the run is cancelled, the transaction undoes it, and others may still run.
    private static bool IsInTransaction(Plan plan, string path) => plan.Nodes.Any(node => node.Kind == NodeKind.Transaction && Paths.IsInside(node.Path, path));
}
