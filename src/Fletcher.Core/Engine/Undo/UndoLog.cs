using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>
/// The step runs of a run whose undoing is under way, as they are stored: what is undone, and what is to be marked with it. Of sub-flows that had completed it reads
/// the step runs when one of them is undone.
/// </summary>
internal sealed class UndoLog
{
    private readonly FlowExecution _run;
    private readonly Dictionary<RunId, Dictionary<int, StepRunRecord>> _steps = [];
    private readonly Dictionary<RunId, FlowRunRecord> _runs = [];

    private UndoLog(FlowExecution run) => _run = run;

    internal static async ValueTask<UndoLog> ReadAsync(FlowExecution run)
    {
        var log = new UndoLog(run);
        await log.ReadStepsAsync(run.Id).ConfigureAwait(false);
        return log;
    }

    /// <summary>The step runs of the run itself.</summary>
    internal IEnumerable<StepRunRecord> Steps => _steps[_run.Id].Values;

    /// <summary>Reads what belongs to an undo of another run, so that <see cref="Mark"/> finds it.</summary>
    internal async ValueTask ReadAsync(StepRunRecord undo)
    {
        for (var id = undo.UndoesRunId; id is { } run && run != _run.Id; id = _runs[run].ParentRunId)
        {
            if (_runs.ContainsKey(run))
                continue;
            _runs[run] = await _run.Host.Store.GetFlowRunAsync(run, CancellationToken.None).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"Flow run {run}, in which something is to be undone, is not in the store.");
            await ReadStepsAsync(run).ConfigureAwait(false);
        }
    }

    /// <summary>The step run that an undo undoes; null when it is not there (any more).</summary>
    internal StepRunRecord? Undone(StepRunRecord undo) =>
        _steps.TryGetValue(undo.UndoesRunId ?? _run.Id, out var steps) ? steps.GetValueOrDefault(undo.Undoes) : null;

    /// <summary>
    /// Marks what is undone, so that no execution uses its result again: the step run itself; the steps it was called in, whose results hold for less than they
    /// did; and, if it was in a sub-flow that had completed, that flow's run and the step run that stands for it, which goes on when the flow is called again.
    /// </summary>
    internal void Mark(StepRunRecord undo, WriteBatch batch)
    {
        var run = undo.UndoesRunId ?? _run.Id;
        Discard(run, undo.Undoes, batch, isUndone: true);
        while (run != _run.Id && _runs[run] is { ParentRunId: { } parent } record)
        {
            batch.Leases[run] = _run.Lease.Key;
            if (record.State == FlowRunState.Completed)
            {
                _runs[run] = record = record with { State = FlowRunState.Cancelled, Reason = "what it did was undone", Result = null };
                batch.FlowRuns.Add(record);
            }

            if (Find(parent, record.ParentSequence) is { } step)
            {
                if (step.State.HasResult())
                    Put(step with { State = StepRunState.Cancelled, Reason = "what the flow did was undone", Result = null }, batch);
                Discard(parent, step.ParentSequence, batch, isUndone: false);
            }

            run = parent;
        }
    }

    private void Discard(RunId run, int sequence, WriteBatch batch, bool isUndone)
    {
        while (Find(run, sequence) is { } step)
        {
            // What must run at most once and was not undone itself must not run again because of what was inside it.
            if (step.State.HasResult() && !step.Discarded && (isUndone || !step.AtMostOnce) && !TransactionStep.Is(step))
                Put(step with { Discarded = true, Reason = isUndone ? "it was undone" : "what was done inside it was undone" }, batch);
            isUndone = false;
            sequence = step.ParentSequence;
        }
    }

    private StepRunRecord? Find(RunId run, int sequence) => _steps[run].GetValueOrDefault(sequence);

    private void Put(StepRunRecord step, WriteBatch batch)
    {
        _steps[step.RunId][step.Sequence] = step;
        batch.StepRuns.Add(step);
        if (step.RunId == _run.Id)
            _run.Memory?.Forget(step.Sequence);
    }

    private async ValueTask ReadStepsAsync(RunId run)
    {
        var steps = _steps[run] = [];
        await foreach (var step in _run.Host.Store.GetStepRunsAsync(run, CancellationToken.None).ConfigureAwait(false))
            steps[step.Sequence] = step;
    }
}
