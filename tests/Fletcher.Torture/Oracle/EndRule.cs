using Fletcher.Model;
using Fletcher.Torture.Plans;

namespace Fletcher.Torture.Oracle;

/// <summary>
/// Every flow that was called has one run, which ended as it was to (completed, cancelled, or failed, and that may be because an undo is in doubt), and every run and step run inside it reached an end. That may be
/// <c>Crashed</c>, for what was inside a step that is in doubt: nobody comes back to it. What should have been resumed is missed by
/// <see cref="ReachRule"/> and <see cref="ResultRule"/>.
/// </summary>
internal static class EndRule
{
    public const string Name = "no end";

    public static IEnumerable<Violation> Check(Evidence evidence)
    {
        var roots = evidence.Runs.Where(run => run.Root == run.Id).ToLookup(run => run.Seed);
        foreach (var seed in evidence.Seeds)
        {
            var runs = roots[seed].ToList();
            if (runs.Count != 1)
                yield return new Violation(Name, seed, $"there are {runs.Count} runs of it: {string.Join(", ", runs.Select(run => $"{run.Id} {run.State}"))}");
            else if (!IsPlanned(evidence, runs[0]))
                yield return new Violation(Name, seed, $"run {runs[0].Id} is {runs[0].State} {runs[0].Error}");
        }

        var seeds = evidence.Runs.Where(run => run.Root == run.Id).ToDictionary(run => run.Id, run => run.Seed, StringComparer.Ordinal);
        foreach (var run in evidence.Runs)
        {
            var seed = seeds.GetValueOrDefault(run.Root);
            if (!run.State.IsEnd())
                yield return new Violation(Name, seed, $"run {run.Id} inside {run.Root} is still {run.State}");
            foreach (var step in run.Steps.Where(step => !step.State.IsEnd() && !(step.IsPendingUndo && run.State == FlowRunState.Failed && IsNotUndone(run.Error))))
                yield return new Violation(Name, seed, $"{step} of run {run.Id} ({run.State}) is still {step.State}");
        }
    }

    private static bool IsPlanned(Evidence evidence, StoredRun run) => (run.State, Plan.Of(run.Seed).Manner) switch
    {
        (FlowRunState.Completed, Manner.Failing) => false,
        (FlowRunState.Completed, _) => true,
        (FlowRunState.Cancelled, Manner.Cancelled) => true,
        (FlowRunState.Failed, Manner.Cancelled or Manner.Failing) when IsNotUndone(run.Error) => evidence.IsHalfUndone(run),
        (FlowRunState.Failed, Manner.Failing) => run.Error?.StartsWith(typeof(PlannedFailureException).FullName!, StringComparison.Ordinal) == true,
        _ => false,
    };

    private static bool IsNotUndone(string? error) => error?.StartsWith(typeof(UndoFailedException).FullName!, StringComparison.Ordinal) == true;
}
