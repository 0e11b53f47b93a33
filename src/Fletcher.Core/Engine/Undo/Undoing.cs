using Fletcher.Diagnosis;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine;

/// <summary>The words of undoing: what was undone, and what to do when something could not be.</summary>
internal static class Undoing
{
    /// <summary>How many steps were undone, and which could not be, of these.</summary>
    internal static string Count(int undone, IEnumerable<StepRunRecord> steps)
    {
        var count = undone switch
        {
            0 => "there was nothing to undo",
            1 => "1 step was undone",
            _ => $"{undone} steps were undone",
        };
        var unknown = steps.Where(step => step is { State: StepRunState.Unknown, Superseded: false, Discarded: false, Undoes: 0 })
            .Select(step => $"'{step.Step.Name}'").Distinct().ToList();
        return unknown.Count == 0 ? count : $"{count}; not undone, because nobody knows whether it took effect: {string.Join(", ", unknown)}";
    }

    /// <summary>What a person is to do about an undo that failed.</summary>
    internal static string Action(UndoFailure failure) =>
        $"'{failure.Undone}' is not undone: '{failure.Undo}' failed. Put that right and retry the run; it goes on with the undoing first";

    internal static UndoFailedException Failed(UndoFailure failure, Exception original) => new(
        $"'{failure.Undo}' could not undo '{failure.Undone}': {ErrorCapture.Summary(failure.InnerException!)}. "
        + $"There was something to undo because of {ErrorCapture.Summary(original)}. Put the undo right and retry the run; it goes on with the undoing first.",
        original, failure.InnerException!);

    /// <summary>A step is called where the code of its undo cannot be seen, so that nothing could be kept to undo it with.</summary>
    internal static FletcherUsageException OutOfSight(StepDefinition step) => new(
        "FLT1307", $"'{step.Id}' has an Undo, '{step.Undo!.Step.Id}', which the assembly that calls it cannot see. Make that step public.");

    /// <summary>The record of a failure to undo, with both errors in it.</summary>
    internal static ErrorRecord Capture(FlowExecution run, UndoFailedException error, ErrorRecord original)
    {
        var cause = run.Causes.Tie(error.UndoError, run.Id, 0);
        var record = run.Host.Capture(error, cause);
        return record with
        {
            CauseRunId = original.CauseRunId,
            CauseSequence = original.CauseSequence,
            Inner = [Original(original), run.Host.Capture(error.UndoError, cause)],
        };
    }

    /// <summary>Why there is something to undo, also when undoing has failed before.</summary>
    internal static ErrorRecord Original(ErrorRecord error) =>
        error.Type == typeof(UndoFailedException).FullName && error.Inner.Count > 0 ? error.Inner[0] : error;

    /// <summary>A message of a Fletcher exception, which begins with its id.</summary>
    internal static string WithoutId(string message) => message.IndexOf(": ", StringComparison.Ordinal) is > 0 and < 10 and var end ? message[(end + 2)..] : message;
}
