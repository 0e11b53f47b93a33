using Fletcher.Storage;

namespace Fletcher.Testing;

/// <summary>What is in a commit, for people.</summary>
internal static class CommitText
{
    private const int Longest = 4;

    internal static string Of(WriteBatch batch)
    {
        var parts = batch.FlowRuns.Select(run => $"flow run '{run.Flow}' {run.State}")
            .Concat(batch.StepRuns.Select(step => $"step {step.Sequence} '{step.Name ?? step.Step.Name}' {step.State}"))
            .ToList();
        if (parts.Count == 0)
            parts.Add("logs and the like");
        var more = parts.Count > Longest ? $", and {parts.Count - Longest} more" : "";
        return $"the commit of {string.Join(", ", parts.Take(Longest))}{more}";
    }
}
