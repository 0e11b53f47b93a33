using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Testing;

/// <summary>Hears which runs a call of the test leads to, and which steps are answered from memory.</summary>
internal sealed class ProcessObserver(AsyncLocal<FlowCall?> call, ProcessEvents events) : IRunObserver
{
    public void FlowRunChanged(FlowRunRecord run, FlowDefinition flow) => call.Value?.Saw(run);

    public void StepRunChanged(FlowRunRecord run, StepRunRecord step)
    {
        if (step.State == StepRunState.Reused)
            events.Add(new StepEvent(StepEventKind.Reused, run.Id, step.Sequence, run.Flow, step.Step.Name, step.Key, step.Attempt, step.AtMostOnce));
    }

    public void LogWritten(LogLine line)
    {
    }

    public void ArtifactWritten(ArtifactRecord artifact)
    {
    }
}
