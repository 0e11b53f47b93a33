using Fletcher.Torture.Effects;

namespace Fletcher.Torture.Oracle;

/// <summary>
/// No step and no undo begins when its run has ended, completed or cancelled. A host that has lost the run, and does not know it yet, may still begin what it was about to begin: it
/// has the run under an older fence.
/// </summary>
internal static class AfterEndRule
{
    public const string Name = "a step began after the end";

    // The hosts keep whole microseconds.
    private const double Tolerance = 0.01;

    public static IEnumerable<Violation> Check(Evidence evidence)
    {
        var runs = evidence.Runs.ToDictionary(run => run.Id, StringComparer.Ordinal);
        foreach (var (root, effects) in evidence.Families())
        {
            var last = effects.Count == 0 ? 0 : effects.Max(effect => effect.Fence);
            foreach (var began in effects.Where(effect => effect.Kind is EffectKind.Began or EffectKind.Undoing && effect.Fence == last))
            {
                var ended = runs.TryGetValue(began.Run, out var run) && run.EndedAt < root.EndedAt ? run.EndedAt : root.EndedAt;
                if (began.At > ended + Tolerance)
                    yield return new Violation(Name, root.Seed, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{began}; run {began.Run} ended at {ended:F3}"));
            }
        }
    }
}
