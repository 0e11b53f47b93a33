using System.Collections.Concurrent;
using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Reads step runs.</summary>
internal sealed class StepRunReader(SchemaName schema)
{
    private readonly string _select =
        $"""
        SELECT run_id, sequence, step_id, state, attempt, flags, key_hash, key_occurrence, site, site_occurrence, parent_sequence, started_at,
            ended_at, inputs, result_format, result, result_hash, result_length, name, next_attempt_at, error, child_run_id, reason, undoes,
            undoes_run_id, arguments
        FROM {schema}.step_runs
        """;

    private readonly string _steps = $"SELECT id, name, source_hash, file, line FROM {schema}.steps WHERE id = ANY($1)";

    private readonly string _known =
        $"""
        SELECT run_id, sequence, previous_run_id, previous_sequence FROM {schema}.last_successes
        WHERE flow_id = (SELECT id FROM {schema}.flows WHERE name_hash = $1) AND step_hash = $2
        """;

    // The noted one may be followed by newer ones in the same run: LastSuccessRows does not write each of them down.
    private string NewestSuccess =>
        $"{_select} WHERE run_id = $1 AND sequence >= $2 AND state = 10 AND step_id IN (SELECT id FROM {schema}.steps WHERE name_hash = $3) ORDER BY sequence DESC LIMIT 1";

    // The steps behind the numbers; they never change, and are as many as the program's code has.
    private readonly ConcurrentDictionary<int, StepCode> _codes = new();

    /// <summary>The step runs of a run after a sequence, as many as a page holds.</summary>
    public async ValueTask<List<StepRunRecord>> PageAsync(
        NpgsqlConnection connection, RunId run, long afterSequence, int limit, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_select + " WHERE run_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3").With(run.Value).With(afterSequence).With(limit);
            return await ReadAsync(batch, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<StepRunRecord?> FindLastSuccessAsync(
        NpgsqlConnection connection, string flow, string step, RunId exceptRun, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_known).With(Texts.Hash(flow)).With(Texts.Hash(step));
            var known = await batch.QueryAsync(
                static row => new Known(row.Run(0), row.GetInt32(1), row.RunOrNull(2), row.IntegerOrNull(3) ?? 0), cancellationToken)
                .ConfigureAwait(false);
            if (known is not [var last])
                return null;

            var newest = last.Run == exceptRun
                ? null
                : await NewestSuccessAsync(connection, last.Run, last.Sequence, step, cancellationToken).ConfigureAwait(false);
            return newest is null && last.PreviousRun is { } previous && previous != exceptRun
                ? await NewestSuccessAsync(connection, previous, last.PreviousSequence, step, cancellationToken).ConfigureAwait(false)
                : newest;
        }
    }

    private async ValueTask<StepRunRecord?> NewestSuccessAsync(
        NpgsqlConnection connection, RunId run, int fromSequence, string step, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(NewestSuccess).With(run.Value).With(fromSequence).With(Texts.Hash(step));
            return (await ReadAsync(batch, cancellationToken).ConfigureAwait(false)).FirstOrDefault();
        }
    }

    private async ValueTask<List<StepRunRecord>> ReadAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        HashSet<int>? unknown = null;
        var rows = await batch.QueryAsync(
            row =>
            {
                var step = row.GetInt32(2);
                if (!_codes.TryGetValue(step, out var code))
                    (unknown ??= []).Add(step);
                return (Run: Map(row, code!), Step: step);
            },
            cancellationToken).ConfigureAwait(false);
        if (unknown is null)
            return rows.ConvertAll(static row => row.Run);

        await ReadStepsAsync(batch.Connection!, [.. unknown], cancellationToken).ConfigureAwait(false);
        return rows.ConvertAll(row => row.Run.Step is null ? row.Run with { Step = _codes[row.Step] } : row.Run);
    }

    private async ValueTask ReadStepsAsync(NpgsqlConnection connection, int[] ids, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_steps).With(ids);
            var steps = await batch.QueryAsync(
                static row => (Id: row.GetInt32(0), Code: new StepCode(row.Text(1), row.TextOrNull(2), row.TextOrNull(3), row.GetInt32(4))),
                cancellationToken).ConfigureAwait(false);
            foreach (var (id, code) in steps)
                _codes.TryAdd(id, code);
        }
    }

    private static StepRunRecord Map(NpgsqlDataReader row, StepCode step)
    {
        var flags = row.GetInt16(5);
        return new StepRunRecord
        {
            RunId = row.Run(0),
            Sequence = row.GetInt32(1),
            Step = step,
            State = (StepRunState)row.GetInt16(3),
            Attempt = row.GetInt32(4),
            AtMostOnce = (flags & StepRunRows.AtMostOnceFlag) != 0,
            Superseded = (flags & StepRunRows.SupersededFlag) != 0,
            Discarded = (flags & StepRunRows.DiscardedFlag) != 0,
            Key = new StepKey(row.Hash(6), row.GetInt32(7)),
            Site = new StepSite(unchecked((ulong)row.GetInt64(8)), row.GetInt32(9)),
            ParentSequence = row.GetInt32(10),
            StartedAt = row.InstantOrNull(11),
            EndedAt = row.InstantOrNull(12),
            Inputs = row.BytesOrNull(13),
            Result = row.Value(14),
            Name = row.TextOrNull(18),
            NextAttemptAt = row.InstantOrNull(19),
            Error = row.Error(20),
            ChildRunId = row.RunOrNull(21),
            Reason = row.TextOrNull(22),
            Undoes = row.IntegerOrNull(23) ?? 0,
            UndoesRunId = row.RunOrNull(24),
            Arguments = row.BytesOrNull(25),
        };
    }

    private sealed record Known(RunId Run, int Sequence, RunId? PreviousRun, int PreviousSequence);
}
