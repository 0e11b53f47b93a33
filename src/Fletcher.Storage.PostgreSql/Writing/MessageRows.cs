using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Keeps messages in batches, whatever state their runs are in, and notes who took which.</summary>
internal sealed class MessageRows(SchemaName schema)
{
    // Last in each batch: the lock on the numbers keeps every other sender waiting until the commit.
    private readonly string _put =
        $"""
        WITH given AS MATERIALIZED (
            SELECT m.*, r.root_run_id, row_number() OVER (ORDER BY m.place) AS nth
            FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::bytea[], $5::timestamptz[], $6::text[], $7::text[], $8::uuid[])
                WITH ORDINALITY m (run_id, kind, name, content, sent_at, actor, reason, key_hash, place)
            JOIN {schema}.flow_runs r ON r.id = m.run_id
        ), numbers AS (
            UPDATE {schema}.message_numbers SET last = last + (SELECT count(*) FROM given) RETURNING last - (SELECT count(*) FROM given) AS before
        )
        INSERT INTO {schema}.messages (number, run_id, root_run_id, kind, name, content, sent_at, actor, reason, key_hash, taken_by)
        SELECT n.before + g.nth, g.run_id, g.root_run_id, g.kind, g.name, g.content, g.sent_at, g.actor, g.reason, g.key_hash, 0
        FROM given g CROSS JOIN numbers n
        """;

    private readonly string _take =
        $"""
        UPDATE {schema}.messages m SET taken_by = t.taken_by FROM unnest($1::bigint[], $2::uuid[], $3::integer[]) t (number, run_id, taken_by)
        WHERE m.number = t.number AND m.run_id = t.run_id
        """;

    private readonly string _send =
        $"SELECT {MessageReader.Columns} FROM {schema}.send_message($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    /// <summary>Keeps one message and makes its run due, if it may; answers with it, or with the one that has this key.</summary>
    public void Send(NpgsqlBatch batch, RunMessage message, Guid key, DateTimeOffset now) => batch.Add(_send)
        .With(message.RunId.Value)
        .With((short)message.Kind)
        .With(Texts.Encode(message.Name))
        .With(message.Content)
        .With(message.SentAt.ToDatabase())
        .With(Texts.Encode(message.Actor))
        .With(Texts.Encode(message.Reason))
        .With(Texts.Encode(message.Key))
        .With(key)
        .With(now.ToDatabase());

    public void Put(NpgsqlBatch batch, IReadOnlyList<RunMessage> messages)
    {
        if (messages.Count == 0)
            return;
        batch.Add(_put)
            .WithEach(messages, static message => message.RunId.Value)
            .WithEach(messages, static message => (short)message.Kind)
            .WithEach(messages, static message => Texts.Encode(message.Name))
            .WithEach(messages, static message => message.Content)
            .WithEach(messages, static message => message.SentAt.ToDatabase())
            .WithEach(messages, static message => Texts.Encode(message.Actor))
            .WithEach(messages, static message => Texts.Encode(message.Reason))
            .WithEach(messages, static _ => Guid.CreateVersion7());
    }

    public void Take(NpgsqlBatch batch, IReadOnlyList<TakenMessage> taken)
    {
        if (taken.Count == 0)
            return;
        var rows = taken.Last(static take => (take.Number, take.RunId));
        batch.Add(_take)
            .WithEach(rows, static take => take.Number)
            .WithEach(rows, static take => take.RunId.Value)
            .WithEach(rows, static take => take.Sequence);
    }
}
