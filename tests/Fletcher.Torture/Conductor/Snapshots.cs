using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Torture.Oracle;

namespace Fletcher.Torture.Conductor;

/// <summary>Notes what is committed while runs are under way, and what is there at the end.</summary>
internal sealed class Snapshots(IRunStore store, string effects)
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Dictionary<(RunId Run, int Sequence), CommittedStep> _committed = [];

    public IReadOnlyCollection<CommittedStep> Committed => _committed.Values;

    /// <summary>Notes the completed step runs of all runs that have not ended.</summary>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            await store.OpenAsync(cancellationToken);
            var open = new FlowRunQuery
            {
                States = [.. Enum.GetValues<FlowRunState>().Where(state => !state.IsEnd() || state == FlowRunState.Crashed)],
                Limit = 1000,
            };
            foreach (var run in await store.GetFlowRunsAsync(open, cancellationToken))
                await TakeAsync(run, cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task TakeAsync(FlowRunRecord run, CancellationToken cancellationToken)
    {
        var fresh = new List<StoredStep>();
        await foreach (var step in store.GetStepRunsAsync(run.Id, cancellationToken))
        {
            if (step.State == StepRunState.Completed && !_committed.ContainsKey((run.Id, step.Sequence)))
                fresh.Add(Stored.Step(step));
        }

        if (fresh.Count == 0)
            return;

        // In this order: whoever has the run at this fence or a later one, and begins a step behind this place, knows of these results.
        var root = await store.GetFlowRunAsync(run.RootRunId, cancellationToken);
        var length = new FileInfo(effects) is { Exists: true } file ? file.Length : 0;
        foreach (var step in fresh)
            _committed.Add((run.Id, step.Sequence), new CommittedStep(run.Id.ToString(), run.RootRunId.ToString(), root!.Fence, length, step));
    }
}
