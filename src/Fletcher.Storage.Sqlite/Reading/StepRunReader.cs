using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Reads step runs.</summary>
internal static class StepRunReader
{
    private const string Select =
        """
        SELECT run_id, sequence, step_id, state, attempt, flags, key_hash, key_occurrence, site, site_occurrence,
            parent_sequence, started_at, ended_at, inputs, result_format, result, result_file, result_length, name,
            next_attempt_at, error, child_run_id, reason, undoes, undoes_run_id, arguments
        FROM step_runs
        """;

    /// <summary>The step runs of a run after a sequence, as many as a page holds.</summary>
    public static List<StepRunRecord> Page(Connection connection, RunId run, long afterSequence, int limit) =>
        Read(
            connection,
            connection.Prepare(Select + " WHERE run_id = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3")
                .Bind(1, run)
                .Bind(2, afterSequence)
                .Bind(3, limit));

    public static StepRunRecord? FindLastSuccess(Connection connection, string flow, string step, RunId exceptRun)
    {
        var known = connection.Prepare(
            """
            SELECT run_id, sequence, previous_run_id, previous_sequence FROM last_successes
            WHERE flow_id = (SELECT id FROM flows WHERE name = ?1) AND step = ?2
            """)
            .Bind(1, flow)
            .Bind(2, step)
            .QuerySingle(static row => new Known(
                row.GetRunId(0), row.GetInt64(1), row.GetRunIdOrNull(2), row.IsNull(3) ? 0 : row.GetInt64(3)));
        if (known is null)
            return null;

        var newest = known.Run == exceptRun ? null : NewestSuccess(connection, known.Run, known.Sequence, step);
        return newest is null && known.PreviousRun is { } previous && previous != exceptRun
            ? NewestSuccess(connection, previous, known.PreviousSequence, step)
            : newest;
    }

    // The noted one may be followed by newer ones in the same run: LastSuccessWriter does not write each of them down.
    private static StepRunRecord? NewestSuccess(Connection connection, RunId run, long fromSequence, string step)
    {
        var found = Read(
            connection,
            connection.Prepare(
                Select
                + """
                   WHERE run_id = ?1 AND sequence >= ?2 AND state = 10 AND step_id IN (SELECT id FROM steps WHERE name = ?3)
                  ORDER BY sequence DESC LIMIT 1
                  """)
                .Bind(1, run)
                .Bind(2, fromSequence)
                .Bind(3, step));
        return found is [var newest] ? newest : null;
    }

    private static List<StepRunRecord> Read(Connection connection, Statement statement)
    {
        var steps = new StepCodes(connection);
        return statement.QueryAll(row => Map(row, steps));
    }

    private static StepRunRecord Map(Statement row, StepCodes steps)
    {
        var flags = row.GetInt64(5);
        return new StepRunRecord
        {
            RunId = row.GetRunId(0),
            Sequence = row.GetInt32(1),
            Step = steps.Get(row.GetInt64(2)),
            State = (StepRunState)row.GetInt32(3),
            Attempt = row.GetInt32(4),
            AtMostOnce = (flags & StepRunWriter.AtMostOnceFlag) != 0,
            Superseded = (flags & StepRunWriter.SupersededFlag) != 0,
            Discarded = (flags & StepRunWriter.DiscardedFlag) != 0,
            Key = new StepKey(row.GetHash(6), row.GetInt32(7)),
            Site = new StepSite(unchecked((ulong)row.GetInt64(8)), row.GetInt32(9)),
            ParentSequence = row.GetInt32(10),
            StartedAt = row.GetInstantOrNull(11),
            EndedAt = row.GetInstantOrNull(12),
            Inputs = row.GetBytes(13),
            Result = ValueColumns.Read(row, 14),
            Name = row.GetText(18),
            NextAttemptAt = row.GetInstantOrNull(19),
            Error = ErrorJson.Read(row.GetBytes(20)),
            ChildRunId = row.GetRunIdOrNull(21),
            Reason = row.GetText(22),
            Undoes = row.GetInt32(23),
            UndoesRunId = row.GetRunIdOrNull(24),
            Arguments = row.GetBytes(25),
        };
    }

    private sealed record Known(RunId Run, long Sequence, RunId? PreviousRun, long PreviousSequence);
}
