using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Reads messages to runs, the questions that some of them answer, and which flows are paused.</summary>
internal sealed class MessageReader(SchemaName schema)
{
    /// <summary>The columns that <see cref="Map"/> reads.</summary>
    public const string Columns = "number, run_id, root_run_id, kind, name, content, sent_at, actor, reason, key, taken_by";

    private const string NewestFirst = " ORDER BY asked_at DESC, run_id DESC, sequence DESC LIMIT $1";

    private readonly string _select = $"SELECT {Columns} FROM {schema}.messages";

    private readonly string _last = $"SELECT last FROM {schema}.message_numbers";

    private readonly string _questions =
        $"""
        SELECT run_id, sequence, text, asked_to, escalate_to, escalate_at, expires_at, schema, asked_at, closed_at, answered_by, answer
        FROM {schema}.questions
        """;

    private readonly string _paused =
        $"SELECT f.name, p.at, p.actor, p.reason FROM {schema}.paused_flows p JOIN {schema}.flows f ON f.id = p.flow_id";

    public async ValueTask<List<RunMessage>> AfterAsync(NpgsqlConnection connection, long after, int limit, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_select + " WHERE number > $1 ORDER BY number LIMIT $2").With(after).With(limit);
            return await batch.QueryAsync(Map, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<List<RunMessage>> UntakenAsync(NpgsqlConnection connection, RunId root, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_select + " WHERE root_run_id = $1 AND taken_by = 0 ORDER BY number").With(root.Value);
            return await batch.QueryAsync(Map, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<long> LastAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_last);
            return (long)(await batch.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        }
    }

    public async ValueTask<List<QuestionRecord>> QuestionsAsync(
        NpgsqlConnection connection, RunId? run, bool onlyOpen, int limit, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            var open = onlyOpen ? "closed_at IS NULL" : "true";
            if (run is { } id)
                batch.Add($"{_questions} WHERE {open} AND run_id = $2{NewestFirst}").With(limit).With(id.Value);
            else
                batch.Add($"{_questions} WHERE {open}{NewestFirst}").With(limit);
            return await batch.QueryAsync(MapQuestion, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<List<PausedFlow>> PausedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_paused);
            var paused = await batch.QueryAsync(
                static row => new PausedFlow(row.Text(0), row.Instant(1), row.Text(2), row.TextOrNull(3)), cancellationToken).ConfigureAwait(false);
            paused.Sort(static (one, other) => string.CompareOrdinal(one.Flow, other.Flow));
            return paused;
        }
    }

    public static RunMessage Map(NpgsqlDataReader row) => new()
    {
        Number = row.GetInt64(0),
        RunId = row.Run(1),
        RootRunId = row.Run(2),
        Kind = (MessageKind)row.GetInt16(3),
        Name = row.TextOrNull(4),
        Content = row.BytesOrNull(5),
        SentAt = row.Instant(6),
        Actor = row.Text(7),
        Reason = row.TextOrNull(8),
        Key = row.TextOrNull(9),
        TakenBy = row.GetInt32(10),
    };

    private static QuestionRecord MapQuestion(NpgsqlDataReader row) => new()
    {
        RunId = row.Run(0),
        Sequence = row.GetInt32(1),
        Text = row.Text(2),
        To = row.TextOrNull(3),
        EscalateTo = row.TextOrNull(4),
        EscalateAt = row.InstantOrNull(5),
        ExpiresAt = row.InstantOrNull(6),
        Schema = row.Text(7),
        AskedAt = row.Instant(8),
        ClosedAt = row.InstantOrNull(9),
        AnsweredBy = row.TextOrNull(10),
        Answer = row.BytesOrNull(11),
    };
}
