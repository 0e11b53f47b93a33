using Fletcher.Torture.Effects;

namespace Fletcher.Torture.Oracle;

/// <summary>Only what ran is undone: an undo is given what its step was given, and the result that was committed. A step that is in doubt, or ran and was not committed, is not undone.</summary>
internal static class UndoInputRule
{
    public const string Name = "an undo of what is not there";

    public static IEnumerable<Violation> Check(Evidence evidence)
    {
        foreach (var (root, effects) in evidence.Families())
        {
            var returned = effects.Where(effect => effect.Kind == EffectKind.Returned && effect.Receipt.Length > 0)
                .ToDictionary(effect => effect.Receipt, StringComparer.Ordinal);
            var committed = UndoneStep.Of(evidence, root, effects).Select(step => step.Step.Receipt).ToHashSet(StringComparer.Ordinal);
            foreach (var undo in effects.Where(effect => effect.Kind == EffectKind.Undoing))
            {
                if (!returned.TryGetValue(undo.Receipt, out var done) || done.Offset > undo.Offset || done.Path != undo.Path || done.Input != undo.Input)
                    yield return new Violation(Name, root.Seed, $"{undo}; what returned is {(object?)done ?? "not to be found"}");
                else if (!committed.Contains(undo.Receipt))
                    yield return new Violation(Name, root.Seed, $"{undo}; the store has no such result");
            }
        }
    }
}
