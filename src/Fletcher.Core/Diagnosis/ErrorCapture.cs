using Fletcher.Model;

namespace Fletcher.Diagnosis;

internal static class ErrorCapture
{
    internal static ErrorRecord Capture(Exception error, RunId? run, int sequence) => new()
    {
        Type = error.GetType().FullName!,
        Message = error.Message,
        StackTrace = error.StackTrace,
        CauseRunId = run,
        CauseSequence = sequence,
    };
}
