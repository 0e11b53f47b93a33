namespace Fletcher.Torture.Oracle;

/// <summary>Finds the guarantees that were broken.</summary>
internal static class Judge
{
    private static readonly Func<Evidence, IEnumerable<Violation>>[] Rules =
    [
        OnceRule.Check, AgainRule.Check, CommittedRule.Check, FenceRule.Check, InputRule.Check, EndRule.Check, AfterEndRule.Check, ResultRule.Check, ReachRule.Check,
        UndoneRule.Check, UndoOrderRule.Check, UndoOnceRule.Check, UndoInputRule.Check, UndoingRule.Check,
    ];

    public static IReadOnlyList<Violation> Check(Evidence evidence)
    {
        var found = evidence.Troubles.Concat(Rules.SelectMany(rule => rule(evidence))).ToList();
        if (evidence.Integrity != "ok")
            found.Add(new Violation("integrity", 0, $"PRAGMA integrity_check says: {evidence.Integrity}"));
        return found;
    }
}
