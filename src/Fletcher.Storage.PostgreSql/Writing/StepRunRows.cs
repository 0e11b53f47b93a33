using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Writes step runs: nearly everything that is ever written.</summary>
internal sealed class StepRunRows(SchemaName schema, NameIds names, ValueColumns values)
{
    public const short AtMostOnceFlag = 1;
    public const short SupersededFlag = 2;
    public const short DiscardedFlag = 4;

    private readonly string _put =
        $"""
        INSERT INTO {schema}.step_runs (run_id, sequence, step_id, state, attempt, flags, key_hash, key_occurrence, site, site_occurrence,
            parent_sequence, started_at, ended_at, next_attempt_at, inputs, arguments, result_format, result, result_hash, result_length, name,
            error, child_run_id, reason, undoes, undoes_run_id)
        SELECT * FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::smallint[], $5::integer[], $6::smallint[], $7::uuid[], $8::integer[],
            $9::bigint[], $10::integer[], $11::integer[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::bytea[], $16::bytea[],
            $17::smallint[], $18::bytea[], $19::uuid[], $20::bigint[], $21::text[], $22::text[], $23::uuid[], $24::text[], $25::integer[],
            $26::uuid[])
        ON CONFLICT (run_id, sequence) DO UPDATE SET step_id = excluded.step_id, state = excluded.state, attempt = excluded.attempt,
            flags = excluded.flags, key_hash = excluded.key_hash, key_occurrence = excluded.key_occurrence, site = excluded.site,
            site_occurrence = excluded.site_occurrence, parent_sequence = excluded.parent_sequence, started_at = excluded.started_at,
            ended_at = excluded.ended_at, next_attempt_at = excluded.next_attempt_at, inputs = excluded.inputs,
            arguments = excluded.arguments, result_format = excluded.result_format, result = excluded.result,
            result_hash = excluded.result_hash, result_length = excluded.result_length, name = excluded.name, error = excluded.error,
            child_run_id = excluded.child_run_id, reason = excluded.reason, undoes = excluded.undoes, undoes_run_id = excluded.undoes_run_id
        """;

    public void Put(NpgsqlBatch batch, IReadOnlyList<StepRunRecord> stepRuns)
    {
        if (stepRuns.Count == 0)
            return;

        var rows = stepRuns.Last(static run => (run.RunId, run.Sequence));
        batch.Add(_put)
            .WithEach(rows, static run => run.RunId.Value)
            .WithEach(rows, static run => run.Sequence)
            .WithEach(rows, run => names.OfStep(run.Step))
            .WithEach(rows, static run => (short)run.State)
            .WithEach(rows, static run => run.Attempt)
            .WithEach(rows, Flags)
            .WithEach(rows, static run => run.Key.Hash.ToGuid())
            .WithEach(rows, static run => run.Key.Occurrence)
            .WithEach(rows, static run => unchecked((long)run.Site.Site))
            .WithEach(rows, static run => run.Site.Occurrence)
            .WithEach(rows, static run => run.ParentSequence)
            .WithEach(rows, static run => run.StartedAt.ToDatabase())
            .WithEach(rows, static run => run.EndedAt.ToDatabase())
            .WithEach(rows, static run => run.NextAttemptAt.ToDatabase())
            .WithEach(rows, static run => run.Inputs)
            .WithEach(rows, static run => run.Arguments)
            .WithEach(rows, static run => ValueColumns.Format(run.Result))
            .WithEach(rows, run => values.Content(run.Result))
            .WithEach(rows, run => values.Hash(run.Result))
            .WithEach(rows, run => values.Length(run.Result))
            .WithEach(rows, static run => Texts.Encode(run.Name))
            .WithEach(rows, static run => ErrorJson.Write(run.Error))
            .WithEach(rows, static run => run.ChildRunId?.Value)
            .WithEach(rows, static run => Texts.Encode(run.Reason))
            .WithEach(rows, static run => run.Undoes == 0 ? null : (int?)run.Undoes)
            .WithEach(rows, static run => run.UndoesRunId?.Value);
    }

    private static short Flags(StepRunRecord run) => (short)((run.AtMostOnce ? AtMostOnceFlag : 0) | (run.Superseded ? SupersededFlag : 0)
        | (run.Discarded ? DiscardedFlag : 0));
}
