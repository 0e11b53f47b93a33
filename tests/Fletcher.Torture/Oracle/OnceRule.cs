using Fletcher.Torture.Effects;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>
/// A step that runs at most once begins at most once, and once more when it was undone; one that may be retried, once for each attempt, and only after the attempt
/// before is known to have failed.
/// </summary>
internal static class OnceRule
{
    public const string Name = "at most once";

    public static IEnumerable<Violation> Check(Evidence evidence) => evidence.Families().SelectMany(family => Check(family.Run, family.Effects));

    private static IEnumerable<Violation> Check(StoredRun run, List<Effect> effects)
    {
        var plan = Plan.Of(run.Seed);
        foreach (var node in effects.Where(effect => plan.Find(effect.Path) is { IsOnce: true }).GroupBy(effect => effect.Path))
        {
            foreach (var attempt in node.Where(effect => effect.Kind == EffectKind.Began).GroupBy(effect => (effect.Attempt, Undone(node, effect))))
            {
                if (attempt.Count() > 1)
                    yield return new Violation(Name, run.Seed, $"{node.Key} began {attempt.Count()} times: {string.Join("; ", attempt)}");
                var first = attempt.First();
                if (first.Attempt > 1
                    && !node.Any(effect => effect.Kind == EffectKind.Failed && effect.Attempt == first.Attempt - 1 && effect.Offset < first.Offset))
                {
                    yield return new Violation(Name, run.Seed, $"{node.Key} was tried again although the attempt before had not failed: {first}");
                }
            }
        }
    }

    /// <summary>How often it was undone before.</summary>
    private static int Undone(IEnumerable<Effect> node, Effect began) =>
        node.Where(effect => effect.Kind == EffectKind.Undone && effect.Offset < began.Offset).Select(effect => effect.Receipt).Distinct().Count();
}
