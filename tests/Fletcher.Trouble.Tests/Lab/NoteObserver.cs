using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Trouble;

/// <summary>Tells when a host has said something.</summary>
internal sealed class NoteObserver : IRunObserver
{
    internal TaskCompletionSource<string> Noted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void FlowRunChanged(FlowRunRecord run, FlowDefinition flow)
    {
    }

    public void StepRunChanged(FlowRunRecord run, StepRunRecord step)
    {
    }

    public void LogWritten(LogLine line)
    {
    }

    public void ArtifactWritten(ArtifactRecord artifact)
    {
    }

    public void Note(string message) => Noted.TrySetResult(message);
}
