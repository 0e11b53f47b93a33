using Fletcher.Model;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>
/// In a run that completed, or failed at its end, every step of its plan took effect, but for those in doubt and what is inside them. A run that is
/// cancelled may complete all the same, where the flow handles a failure that would otherwise have been tried again.
/// </summary>
internal static class ReachRule
{
    public const string Name = "a step did not run";

    public static IEnumerable<Violation> Check(Evidence evidence)
    {
        foreach (var (run, effects) in evidence.Families().Where(family => family.Run.State is FlowRunState.Completed or FlowRunState.Failed))
        {
            if (Plan.Of(run.Seed).Manner == Manner.Cancelled)
                continue;
            var unknown = evidence.Unknown(run);
            var ended = effects.Where(effect => effect.Kind is EffectKind.Returned or EffectKind.Failed).Select(effect => (effect.Path, effect.Kind)).ToHashSet();
            foreach (var node in Plan.Of(run.Seed).Nodes.Where(node => node.IsStep))
            {
                if (unknown.Any(path => path == node.Path || Paths.IsInside(path, node.Path)))
                    continue;
                if (!ended.Contains((node.Path, node.Fails ? EffectKind.Failed : EffectKind.Returned)))
                    yield return new Violation(Name, run.Seed, $"{node.Kind} {node.Path} has no line that says that it {(node.Fails ? "failed" : "returned")}");
            }
        }
    }
}
