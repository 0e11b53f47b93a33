using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Writes what hangs on runs: ledger, logs, artifacts, questions.</summary>
internal sealed class DetailRows(SchemaName schema)
{
    private readonly string _putLedger =
        $"""
        INSERT INTO {schema}.ledger_entries (run_id, sequence, at, from_state, to_state, actor, reason, next)
        SELECT run_id, sequence, at, from_state, to_state, actor, reason, next
        FROM unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
            WITH ORDINALITY e (run_id, sequence, at, from_state, to_state, actor, reason, next, place)
        ORDER BY place
        """;

    private readonly string _putLogs =
        $"""
        INSERT INTO {schema}.log_lines (run_id, sequence, attempt, at, level, category, message)
        SELECT run_id, sequence, attempt, at, level, category, message
        FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::timestamptz[], $5::smallint[], $6::text[], $7::text[])
            WITH ORDINALITY l (run_id, sequence, attempt, at, level, category, message, place)
        ORDER BY place
        """;

    private readonly string _putArtifacts =
        $"""
        INSERT INTO {schema}.artifacts (run_id, sequence, key_hash, key, kind, at, content)
        SELECT * FROM unnest($1::uuid[], $2::integer[], $3::uuid[], $4::text[], $5::smallint[], $6::timestamptz[], $7::text[])
        ON CONFLICT (run_id, sequence, key_hash) DO UPDATE SET kind = excluded.kind, at = excluded.at, content = excluded.content
        """;

    private readonly string _putQuestions =
        $"""
        INSERT INTO {schema}.questions (run_id, sequence, text, asked_to, escalate_to, escalate_at, expires_at, schema, asked_at, closed_at,
            answered_by, answer)
        SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::text[],
            $9::timestamptz[], $10::timestamptz[], $11::text[], $12::bytea[])
        ON CONFLICT (run_id, sequence) DO UPDATE SET text = excluded.text, asked_to = excluded.asked_to, escalate_to = excluded.escalate_to,
            escalate_at = excluded.escalate_at, expires_at = excluded.expires_at, schema = excluded.schema, asked_at = excluded.asked_at,
            closed_at = excluded.closed_at, answered_by = excluded.answered_by, answer = excluded.answer
        """;

    public void PutLedger(NpgsqlBatch batch, IReadOnlyList<LedgerEntry> entries)
    {
        if (entries.Count == 0)
            return;
        batch.Add(_putLedger)
            .WithEach(entries, static entry => entry.RunId.Value)
            .WithEach(entries, static entry => entry.Sequence)
            .WithEach(entries, static entry => entry.At.ToDatabase())
            .WithEach(entries, static entry => Texts.Encode(entry.From))
            .WithEach(entries, static entry => Texts.Encode(entry.To))
            .WithEach(entries, static entry => Texts.Encode(entry.Actor))
            .WithEach(entries, static entry => Texts.Encode(entry.Reason))
            .WithEach(entries, static entry => Texts.Encode(entry.Next));
    }

    public void PutLogs(NpgsqlBatch batch, IReadOnlyList<LogLine> lines)
    {
        if (lines.Count == 0)
            return;
        batch.Add(_putLogs)
            .WithEach(lines, static line => line.RunId.Value)
            .WithEach(lines, static line => line.Sequence)
            .WithEach(lines, static line => line.Attempt)
            .WithEach(lines, static line => line.At.ToDatabase())
            .WithEach(lines, static line => (short)line.Level)
            .WithEach(lines, static line => Texts.Encode(line.Category))
            .WithEach(lines, static line => Texts.Encode(line.Message));
    }

    public void PutArtifacts(NpgsqlBatch batch, IReadOnlyList<ArtifactRecord> artifacts)
    {
        if (artifacts.Count == 0)
            return;
        var rows = artifacts.Last(static artifact => (artifact.RunId, artifact.Sequence, artifact.Key));
        batch.Add(_putArtifacts)
            .WithEach(rows, static artifact => artifact.RunId.Value)
            .WithEach(rows, static artifact => artifact.Sequence)
            .WithEach(rows, static artifact => Texts.Hash(artifact.Key))
            .WithEach(rows, static artifact => Texts.Encode(artifact.Key))
            .WithEach(rows, static artifact => (short)artifact.Kind)
            .WithEach(rows, static artifact => artifact.At.ToDatabase())
            .WithEach(rows, static artifact => Texts.Encode(artifact.Content));
    }

    public void PutQuestions(NpgsqlBatch batch, IReadOnlyList<QuestionRecord> questions)
    {
        if (questions.Count == 0)
            return;
        var rows = questions.Last(static question => (question.RunId, question.Sequence));
        batch.Add(_putQuestions)
            .WithEach(rows, static question => question.RunId.Value)
            .WithEach(rows, static question => question.Sequence)
            .WithEach(rows, static question => Texts.Encode(question.Text))
            .WithEach(rows, static question => Texts.Encode(question.To))
            .WithEach(rows, static question => Texts.Encode(question.EscalateTo))
            .WithEach(rows, static question => question.EscalateAt.ToDatabase())
            .WithEach(rows, static question => question.ExpiresAt.ToDatabase())
            .WithEach(rows, static question => Texts.Encode(question.Schema))
            .WithEach(rows, static question => question.AskedAt.ToDatabase())
            .WithEach(rows, static question => question.ClosedAt.ToDatabase())
            .WithEach(rows, static question => Texts.Encode(question.AnsweredBy))
            .WithEach(rows, static question => question.Answer);
    }
}
