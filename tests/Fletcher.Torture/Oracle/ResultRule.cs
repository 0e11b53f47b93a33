using Fletcher.Model;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>
/// A run returns what an uninterrupted one returns, but for at-most-once steps that a crash has put in doubt; and only those are
/// in doubt that a crash can have met.
/// </summary>
internal static class ResultRule
{
    public const string Name = "another result";

    public static IEnumerable<Violation> Check(Evidence evidence)
    {
        var answers = evidence.Answers.ToLookup(answer => answer.Seed);
        foreach (var (run, effects) in evidence.Families().Where(family => family.Run.State == FlowRunState.Completed))
        {
            var plan = Plan.Of(run.Seed);
            var unknown = evidence.Unknown(run);
            var expected = Expected.Of(plan, unknown);
            if (!IsSame(expected, run.Result))
                yield return new Violation(Name, run.Seed, $"the store has {Text(run.Result)}, but it must be {Text(expected)}");
            foreach (var answer in answers[run.Seed].Where(answer => !IsSame(expected, answer.Result)))
                yield return new Violation(Name, run.Seed, $"a caller was told {Text(answer.Result)}, but it must be {Text(expected)}");

            foreach (var path in unknown)
            {
                if (WhyNotUnknown(plan, effects, path) is { } why)
                    yield return new Violation(Name, run.Seed, $"{path} is in doubt, but {why}");
            }
        }
    }

    private static string? WhyNotUnknown(Plan plan, List<Effect> effects, string path)
    {
        if (plan.Find(path) is not { IsOnce: true })
            return "it may run more than once";
        if (effects.Select(effect => effect.Fence).Distinct().Count() < 2)
            return "its run was executed without interruption";
        var undone = effects.FindLast(effect => effect.Kind == EffectKind.Undone && effect.Path == path)?.Offset ?? 0;
        var returned = effects.Find(effect => effect.Kind == EffectKind.Returned && effect.Path == path && effect.Offset > undone);
        var witness = returned is null ? null : effects.Find(effect => effect.Kind == EffectKind.Began
            && effect.Offset > returned.Offset && effect.Fence == returned.Fence
            && plan.Find(effect.Path) is { HasEffect: true } && Paths.IsBefore(path, effect.Path));
        return witness is null ? null : $"its result was committed when: {witness}";
    }

    private static bool IsSame(Folded expected, Folded? result) =>
        result is not null && expected.Value == result.Value && expected.Unknown.SequenceEqual(result.Unknown);

    private static string Text(Folded? folded) => folded is null ? "nothing" : $"{folded.Value} with [{string.Join(", ", folded.Unknown)}] in doubt";
}
