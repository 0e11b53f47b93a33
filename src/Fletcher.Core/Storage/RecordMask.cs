using Fletcher.Masking;
using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// Takes secrets out of records before they leave the process: everything that is there to be read by people. What a run needs to go on (results, parameters, the arguments of undo steps) is not touched
/// here: where that has a secret it is encrypted when it is made.
/// </summary>
internal static class RecordMask
{
    /// <summary>Takes them out of all records of a batch.</summary>
    internal static void Apply(WriteBatch batch)
    {
        if (!SecretMask.IsActive)
            return;
        Each(batch.FlowRuns, Of);
        Each(batch.StepRuns, Of);
        Each(batch.Ledger, static entry => entry with { Reason = SecretMask.Mask(entry.Reason), Next = SecretMask.Mask(entry.Next) });
        Each(batch.Logs, Of);
        Each(batch.Artifacts, Of);
        Each(batch.Questions, static question => question with { Text = SecretMask.Mask(question.Text), To = SecretMask.Mask(question.To) });
    }

    internal static FlowRunRecord Of(FlowRunRecord run) => !SecretMask.IsActive ? run : run with
    {
        Name = SecretMask.Mask(run.Name),
        Reason = SecretMask.Mask(run.Reason),
        Error = Of(run.Error),
        Undoing = run.Undoing is { } undoing ? undoing with { Reason = SecretMask.Mask(undoing.Reason) } : null,
    };

    internal static StepRunRecord Of(StepRunRecord step) => !SecretMask.IsActive ? step : step with
    {
        Name = SecretMask.Mask(step.Name),
        Reason = SecretMask.Mask(step.Reason),
        Error = Of(step.Error),
        Inputs = step.Inputs is { } inputs ? JsonMask.Mask(inputs) : null,
    };

    internal static LogLine Of(LogLine line) =>
        SecretMask.Replace(line.Message) is { } masked ? line with { Message = masked } : line;

    internal static ArtifactRecord Of(ArtifactRecord artifact) => !SecretMask.IsActive ? artifact : artifact with
    {
        Content = artifact.Kind switch
        {
            ArtifactKind.Markdown => SecretMask.Mask(artifact.Content),
            ArtifactKind.Image => artifact.Content,
            _ => JsonMask.Mask(artifact.Content),
        },
    };

    private static ErrorRecord? Of(ErrorRecord? error) => error is null ? null : error with
    {
        Message = SecretMask.Mask(error.Message),
        StackTrace = SecretMask.Mask(error.StackTrace),
        Inner = [.. error.Inner.Select(static inner => Of(inner)!)],
    };

    private static void Each<T>(List<T> records, Func<T, T> mask)
    {
        for (var i = 0; i < records.Count; i++)
            records[i] = mask(records[i]);
    }
}
