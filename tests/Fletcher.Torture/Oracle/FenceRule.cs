using Fletcher.Torture.Effects;

namespace Fletcher.Torture.Oracle;

/// <summary>At each fence one host has a run, and only that one does anything in it.</summary>
internal static class FenceRule
{
    public const string Name = "two hosts at one fence";

    public static IEnumerable<Violation> Check(Evidence evidence)
    {
        var seeds = evidence.Runs.Where(run => run.Seed != 0).ToDictionary(run => run.Id, run => run.Seed, StringComparer.Ordinal);
        foreach (var fence in evidence.Effects.GroupBy(effect => (effect.Root, effect.Fence)))
        {
            var hosts = fence.Select(effect => effect.Host).Distinct().ToList();
            if (hosts.Count > 1)
            {
                yield return new Violation(
                    Name, seeds.GetValueOrDefault(fence.Key.Root), $"run {fence.Key.Root} at fence {fence.Key.Fence}: hosts {string.Join(", ", hosts)}");
            }
        }
    }
}
