using Fletcher.Torture.Effects;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>
/// A step that runs again is given the same: what it is given follows from results that were committed before it first began.
/// That holds for values that the flow remembers too.
/// </summary>
internal static class InputRule
{
    public const string Name = "a step was given something else";

    public static IEnumerable<Violation> Check(Evidence evidence)
    {
        foreach (var (run, effects) in evidence.Families())
        {
            var plan = Plan.Of(run.Seed);
            var begun = effects.Where(effect => effect.Kind == EffectKind.Began && plan.Find(effect.Path) is { HasEffect: true });
            foreach (var node in begun.GroupBy(effect => effect.Path))
            {
                if (node.Select(effect => effect.Input).Distinct().Count() > 1)
                    yield return new Violation(Name, run.Seed, string.Join("; ", node));
            }
        }
    }
}
