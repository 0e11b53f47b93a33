using Fletcher.Torture.Effects;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>
/// An undo that runs at most once begins at most once for each attempt and step run that it undoes, and again only when the attempt before is known to have failed. Any
/// undo that is committed does not run again; that it is follows from an undo that had to wait for it.
/// </summary>
internal static class UndoOnceRule
{
    public const string Name = "an undo at most once";
    public const string AgainName = "a committed undo ran again";

    public static IEnumerable<Violation> Check(Evidence evidence) => evidence.Families().SelectMany(family => Check(family.Run, family.Effects));

    private static IEnumerable<Violation> Check(StoredRun root, List<Effect> effects)
    {
        var plan = Plan.Of(root.Seed);
        var undos = effects.Where(effect => effect.Kind is EffectKind.Undoing or EffectKind.Undone or EffectKind.UndoFailed).ToList();
        foreach (var undo in undos.GroupBy(effect => effect.Receipt))
        {
            var isOnce = plan.Find(undo.First().Path) is { Kind: NodeKind.ReserveUndoOnce };
            foreach (var attempt in undo.Where(effect => isOnce && effect.Kind == EffectKind.Undoing).GroupBy(effect => effect.Attempt))
            {
                var first = attempt.First();
                if (attempt.Count() > 1)
                    yield return new Violation(Name, root.Seed, string.Join("; ", attempt));
                if (first.Attempt > 1 && !undo.Any(effect => effect.Kind == EffectKind.UndoFailed && effect.Attempt == first.Attempt - 1 && effect.Offset < first.Offset))
                    yield return new Violation(Name, root.Seed, $"tried again although the attempt before had not failed: {first}");
            }

            foreach (var done in undo.Where(effect => effect.Kind == EffectKind.Undone))
            {
                foreach (var again in undo.Where(effect => effect.Kind == EffectKind.Undoing && effect.Offset > done.Offset))
                {
                    if ((again.Fence == done.Fence && again.Host == done.Host) || undos.Exists(witness => Implies(plan, done, witness, again)))
                        yield return new Violation(AgainName, root.Seed, $"{again}; but it was done: {done}");
                }
            }
        }
    }

    /// <summary>Whether the undo of what ran before it began in between, in the same scope.</summary>
    private static bool Implies(Plan plan, Effect done, Effect witness, Effect again) =>
        witness.Kind == EffectKind.Undoing && witness.Run == done.Run && witness.Offset > done.Offset && witness.Offset < again.Offset
        && witness.Fence >= done.Fence && witness.Fence <= again.Fence
        && Paths.IsBefore(witness.Path, done.Path) && UndoScopes.Of(plan, witness.Path) == UndoScopes.Of(plan, done.Path);
}
