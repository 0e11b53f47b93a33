using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine.Tests;

/// <summary>Tells a test when a host has come to something, whether before it is asked or after.</summary>
internal sealed class Watcher : IRunObserver
{
    private readonly Lock _gate = new();
    private readonly List<object> _seen = [];
    private readonly List<Func<object, bool>> _waiting = [];

    internal Task<FlowRunRecord> Run(Func<FlowRunRecord, bool> isIt) => First(isIt).WithinLimit("the run's change");

    internal Task<StepRunRecord> Step(Func<StepRunRecord, bool> isIt) => First(isIt).WithinLimit("the step's change");

    public void FlowRunChanged(FlowRunRecord run, FlowDefinition flow) => See(run);

    public void StepRunChanged(FlowRunRecord run, StepRunRecord step) => See(step);

    public void LogWritten(LogLine line)
    {
    }

    public void ArtifactWritten(ArtifactRecord artifact)
    {
    }

    public void Note(string message)
    {
    }

    private void See(object change)
    {
        lock (_gate)
        {
            _seen.Add(change);
            _waiting.RemoveAll(takes => takes(change));
        }
    }

    private Task<T> First<T>(Func<T, bool> isIt)
    {
        var found = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!_seen.Exists(Takes))
                _waiting.Add(Takes);
        }

        return found.Task;

        bool Takes(object change) => change is T it && isIt(it) && found.TrySetResult(it);
    }
}
