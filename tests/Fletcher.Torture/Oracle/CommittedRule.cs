using Fletcher.Model;
using Fletcher.Torture.Effects;

namespace Fletcher.Torture.Oracle;

/// <summary>What was seen completed in the store is kept as it was, and no execution that could know of it runs it again.</summary>
internal static class CommittedRule
{
    public const string Name = "a committed result was not kept";

    public static IEnumerable<Violation> Check(Evidence evidence)
    {
        var runs = evidence.Runs.ToDictionary(run => run.Id, StringComparer.Ordinal);
        var steps = evidence.Runs.ToDictionary(run => run.Id, run => run.Steps.ToDictionary(step => step.Sequence), StringComparer.Ordinal);
        var begun = evidence.Effects.Where(effect => effect.Kind == EffectKind.Began).ToLookup(effect => (effect.Root, effect.Path));
        foreach (var committed in evidence.Committed)
        {
            var seed = runs.TryGetValue(committed.Root, out var root) ? root.Seed : 0;
            var before = committed.Step;
            if (!steps.TryGetValue(committed.Run, out var now) || !now.TryGetValue(before.Sequence, out var kept))
                yield return new Violation(Name, seed, $"{before} of run {committed.Run} is gone");
            else if (kept != before || kept.State != StepRunState.Completed)
                yield return new Violation(Name, seed, $"{before} of run {committed.Run} is {kept} at the end");

            if (before.Path is null)
                continue;
            foreach (var again in begun[(committed.Root, before.Path)])
            {
                if (again.Offset >= committed.Offset && again.Fence >= committed.Fence)
                    yield return new Violation(Name, seed, $"{again}; but it was in the store, completed, under fence {committed.Fence} before offset {committed.Offset}");
            }
        }
    }
}
