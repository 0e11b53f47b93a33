using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Writes step runs: nearly everything that is ever written, so each value is bound once and nothing is parsed again.
/// REPLACE on a clustered table without a further index overwrites in place and looks nothing up first.
/// </summary>
internal sealed class StepRunWriter(Connection connection, NameIds names, LargeValueRows largeValues, int threshold)
{
    public const long AtMostOnceFlag = 1;
    public const long SupersededFlag = 2;
    public const long DiscardedFlag = 4;

    private readonly Statement _put = connection.Prepare(
        """
        INSERT OR REPLACE INTO step_runs (run_id, sequence, step_id, state, attempt, flags, key_hash, key_occurrence, site,
            site_occurrence, parent_sequence, started_at, ended_at, inputs, result_format, result, result_file, result_length,
            name, next_attempt_at, error, child_run_id, reason, undoes, undoes_run_id, arguments)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25,
            ?26)
        """);

    /// <returns>The number of the step's code.</returns>
    public long Put(StepRunRecord run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var stepId = names.OfStep(run.Step);
        var flags = (run.AtMostOnce ? AtMostOnceFlag : 0) | (run.Superseded ? SupersededFlag : 0)
            | (run.Discarded ? DiscardedFlag : 0);
        _put.Bind(1, run.RunId)
            .Bind(2, run.Sequence)
            .Bind(3, stepId)
            .Bind(4, (long)run.State)
            .Bind(5, run.Attempt)
            .Bind(6, flags)
            .Bind(7, run.Key.Hash)
            .Bind(8, run.Key.Occurrence)
            .Bind(9, unchecked((long)run.Site.Site))
            .Bind(10, run.Site.Occurrence)
            .Bind(11, run.ParentSequence)
            .Bind(12, run.StartedAt)
            .Bind(13, run.EndedAt)
            .Bind(14, run.Inputs)
            .Bind(19, run.Name)
            .Bind(20, run.NextAttemptAt)
            .Bind(21, ErrorJson.Write(run.Error))
            .Bind(22, run.ChildRunId)
            .Bind(23, run.Reason)
            .Bind(24, run.Undoes == 0 ? null : (long?)run.Undoes)
            .Bind(25, run.UndoesRunId)
            .Bind(26, run.Arguments);
        ValueColumns.Bind(_put, 15, run.Result, threshold);
        _put.Execute();

        largeValues.Note(run.RunId, run.Result);
        return stepId;
    }
}
