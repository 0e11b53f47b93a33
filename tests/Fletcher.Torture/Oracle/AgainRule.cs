using Fletcher.Torture.Effects;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>
/// A step whose result is committed does not run again, unless it was undone. That it is committed follows from what began after it: an effect begins
/// only when all that was before it is committed (output commit). A host that was stopped in between and has lost the run may still begin
/// what it was about to begin; so only executions under the same fence or a later one are judged.
/// </summary>
internal static class AgainRule
{
    public const string Name = "a committed step ran again";

    public static IEnumerable<Violation> Check(Evidence evidence) => evidence.Families().SelectMany(family => Check(evidence, family.Run, family.Effects));

    private static IEnumerable<Violation> Check(Evidence evidence, StoredRun run, List<Effect> effects)
    {
        var plan = Plan.Of(run.Seed);
        var nodes = effects.Where(effect => plan.Find(effect.Path) is { IsStep: true, Fails: false }).GroupBy(effect => effect.Path).ToList();
        foreach (var node in nodes)
        {
            foreach (var again in node.Where(effect => effect.Kind == EffectKind.Began).Skip(1))
            {
                var undone = LastUndone(plan, effects, again);
                var witness = node.FirstOrDefault(effect => IsEndInSameExecution(effect, again) && IsAfter(plan, effect, undone))
                    ?? effects.Find(effect => Implies(plan, effect, again) && IsAfter(plan, effect, undone));
                if (witness is not null)
                    yield return new Violation(Name, run.Seed, $"{again}; but it was done when: {witness}");
            }
        }
    }

    private static bool IsEndInSameExecution(Effect end, Effect again) =>
        end.Kind == EffectKind.Returned && end.Offset < again.Offset && end.Fence == again.Fence && end.Host == again.Host;

    /// <summary>Whether the beginning of one step implies that another one had been committed.</summary>
    private static bool Implies(Plan plan, Effect witness, Effect again) =>
        witness.Kind == EffectKind.Began && witness.Offset < again.Offset && witness.Fence <= again.Fence
        && plan.Find(witness.Path) is { HasEffect: true } && Paths.IsBefore(again.Path, witness.Path);

    /// <summary>The last line that says that the step was undone, or one inside it with which its result does not count any more.</summary>
    private static Effect? LastUndone(Plan plan, List<Effect> effects, Effect again) => effects.FindLast(effect =>
        effect.Kind == EffectKind.Undone && effect.Offset < again.Offset
        && (effect.Path == again.Path || Paths.IsInside(again.Path, effect.Path))
        && UndoScopes.Of(plan, effect.Path) is { } scope && UndoScopes.Holds(scope, again.Path));

    /// <summary>Whether a line that says that the step was done says so of the time since it was undone.</summary>
    private static bool IsAfter(Plan plan, Effect witness, Effect? undone) => undone is null
        || (witness.Offset > undone.Offset && witness.Fence >= undone.Fence && UndoScopes.Holds(UndoScopes.Of(plan, undone.Path)!, witness.Path));
}
