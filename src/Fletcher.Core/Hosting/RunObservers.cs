using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Hosting;

/// <summary>All observers of a host as one. With none, telling costs a comparison.</summary>
internal sealed class RunObservers(IReadOnlyList<IRunObserver> observers) : IRunObserver, IDisposable
{
    private readonly IRunObserver[] _observers = [.. observers];

    internal bool Any => _observers.Length > 0;

    public void FlowRunChanged(FlowRunRecord run, FlowDefinition flow)
    {
        foreach (var observer in _observers)
            observer.FlowRunChanged(run, flow);
    }

    public void StepRunChanged(FlowRunRecord run, StepRunRecord step)
    {
        foreach (var observer in _observers)
            observer.StepRunChanged(run, step);
    }

    public void FanOutBegan(FlowRunRecord run, int parentSequence, string? step, long total)
    {
        foreach (var observer in _observers)
            observer.FanOutBegan(run, parentSequence, step, total);
    }

    public void LogWritten(LogLine line)
    {
        foreach (var observer in _observers)
            observer.LogWritten(line);
    }

    public void ArtifactWritten(ArtifactRecord artifact)
    {
        foreach (var observer in _observers)
            observer.ArtifactWritten(artifact);
    }

    public void Note(string message)
    {
        foreach (var observer in _observers)
            observer.Note(message);
    }

    public void Dispose()
    {
        foreach (var observer in _observers.OfType<IDisposable>())
            observer.Dispose();
    }
}
