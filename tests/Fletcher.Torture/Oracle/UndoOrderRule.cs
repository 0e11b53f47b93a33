using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>What is undone together is undone newest first: of two steps of which one ran before the other, the later one is undone before the undo of the earlier one begins.</summary>
internal static class UndoOrderRule
{
    public const string Name = "undone in another order";

    public static IEnumerable<Violation> Check(Evidence evidence)
    {
        foreach (var (root, effects) in evidence.Families())
        {
            foreach (var scope in UndoneStep.Of(evidence, root, effects).Where(step => step is { Returned: not null, Begun: not null }).GroupBy(step => step.Scope))
            {
                foreach (var earlier in scope)
                {
                    // Those that ran when it had been undone already are of a later attempt.
                    foreach (var later in scope.Where(later => Paths.IsBefore(earlier.Path, later.Path)
                        && later.Returned!.Offset > earlier.Returned!.Offset && later.Returned.Offset < earlier.Begun!.Offset))
                    {
                        if (later.Done is null || later.Done.Offset > earlier.Begun!.Offset)
                            yield return new Violation(Name, root.Seed, $"{earlier.Begun} came before {(object?)later.Done ?? later.Begun}");
                    }
                }
            }
        }
    }
}
