using System.Runtime.InteropServices;
using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Keeps the last success of each step of each flow: noted row by row, written once for each step at the end of a batch. A
/// small batch writes it only when the run is another than the last time: the reader looks for newer ones within the run
/// (<see cref="StepRunReader.FindLastSuccess"/>), and a chain of durable steps saves a page in each commit.
/// </summary>
internal sealed class LastSuccessWriter(Connection connection, FlowRunWriter flowRuns)
{
    private const int SmallBatch = 16;
    private const int RememberedSteps = 4096;

    private readonly Dictionary<(long Flow, long Step), StepRunRecord> _noted = [];
    private readonly Dictionary<(long Flow, long Step), RunId> _written = [];
    private RunId _lastRun;
    private long _lastFlow;

    public void Note(StepRunRecord run, long stepId)
    {
        if (run.State != StepRunState.Completed)
            return;

        if (run.RunId != _lastRun)
        {
            _lastFlow = flowRuns.FlowOf(run.RunId);
            _lastRun = run.RunId;
        }

        // A step run whose flow run was never written: a store that was pruned, or a test.
        if (_lastFlow == 0)
            return;
        CollectionsMarshal.GetValueRefOrAddDefault(_noted, (_lastFlow, stepId), out _) = run;
    }

    public void Flush(int stepRunsInBatch)
    {
        foreach (var (key, run) in _noted)
        {
            if (stepRunsInBatch < SmallBatch && _written.TryGetValue(key, out var writtenFor) && writtenFor == run.RunId)
                continue;

            connection.Prepare(
                """
                INSERT INTO last_successes (flow_id, step, run_id, sequence) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (flow_id, step) DO UPDATE SET
                    previous_run_id = iif(run_id = ?3, previous_run_id, run_id),
                    previous_sequence = iif(run_id = ?3, previous_sequence, sequence),
                    run_id = ?3,
                    sequence = ?4
                """)
                .Bind(1, key.Flow)
                .Bind(2, run.Step.Name)
                .Bind(3, run.RunId)
                .Bind(4, run.Sequence)
                .Execute();
            if (_written.Count >= RememberedSteps)
                _written.Clear();
            _written[key] = run.RunId;
        }

        EndBatch();
    }

    /// <summary>Forgets what a rolled-back batch said.</summary>
    public void Forget()
    {
        _written.Clear();
        EndBatch();
    }

    private void EndBatch()
    {
        _noted.Clear();
        _lastRun = default;
        _lastFlow = 0;
    }
}
