using Fletcher.Masking;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>All observers of a host as one. With none, telling costs a comparison.</summary>
internal sealed class RunObservers(IReadOnlyList<IRunObserver> observers) : IRunObserver, IDisposable
{
    private readonly IRunObserver[] _observers = [.. observers];

    internal bool Any => _observers.Length > 0;

    public void FlowRunChanged(FlowRunRecord run, FlowDefinition flow) =>
        Tell((run: RecordMask.Of(run), flow), static (observer, told) => observer.FlowRunChanged(told.run, told.flow));

    public void StepRunChanged(FlowRunRecord run, StepRunRecord step) =>
        Tell((run: RecordMask.Of(run), step: RecordMask.Of(step)), static (observer, told) => observer.StepRunChanged(told.run, told.step));

    public void FanOutBegan(FlowRunRecord run, int parentSequence, string? step, long total) => Tell(
        (run: RecordMask.Of(run), parentSequence, step, total),
        static (observer, told) => observer.FanOutBegan(told.run, told.parentSequence, told.step, told.total));

    public void LogWritten(LogLine line) => Tell(line, static (observer, told) => observer.LogWritten(told));

    public void ArtifactWritten(ArtifactRecord artifact) => Tell(artifact, static (observer, told) => observer.ArtifactWritten(told));

    public void Note(string message) => Tell(SecretMask.Mask(message), static (observer, told) => observer.Note(told));

    public void Dispose()
    {
        foreach (var observer in _observers.OfType<IDisposable>())
            observer.Dispose();
    }

    private void Tell<T>(T told, Action<IRunObserver, T> tell)
    {
        foreach (var observer in _observers)
        {
            try
            {
                tell(observer, told);
            }
            catch (Exception)
            {
                // Who only watches must not break what runs; there is nobody else to tell.
            }
        }
    }
}
