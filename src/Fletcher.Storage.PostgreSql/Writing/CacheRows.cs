using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Writes cached results; one that was made earlier than the one in the store is left out.</summary>
internal sealed class CacheRows(SchemaName schema, ValueColumns values)
{
    private readonly string _put =
        $"""
        INSERT INTO {schema}.cached_results AS c (step_hash, key, step, source_hash, run_id, sequence, made_at, result_format, result,
            result_hash, result_length)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::integer[], $7::timestamptz[], $8::smallint[],
            $9::bytea[], $10::uuid[], $11::bigint[])
        ON CONFLICT (step_hash, key) DO UPDATE SET source_hash = excluded.source_hash, run_id = excluded.run_id,
            sequence = excluded.sequence, made_at = excluded.made_at, result_format = excluded.result_format, result = excluded.result,
            result_hash = excluded.result_hash, result_length = excluded.result_length
        WHERE c.made_at <= excluded.made_at
        """;

    public void Put(NpgsqlBatch batch, IReadOnlyList<CacheEntry> entries)
    {
        if (entries.Count == 0)
            return;

        var newest = new Dictionary<(string, ContentHash), CacheEntry>(entries.Count);
        foreach (var entry in entries)
        {
            if (!newest.TryGetValue((entry.Step, entry.Key), out var known) || known.MadeAt.ToDatabase() <= entry.MadeAt.ToDatabase())
                newest[(entry.Step, entry.Key)] = entry;
        }

        // In one order, as two hosts may write the same: each row is locked until the commit.
        List<CacheEntry> rows = [.. newest.Values.OrderBy(static entry => entry.Key.Value).ThenBy(static entry => entry.Step, StringComparer.Ordinal)];
        batch.Add(_put)
            .WithEach(rows, static entry => Texts.Hash(entry.Step))
            .WithEach(rows, static entry => entry.Key.ToGuid())
            .WithEach(rows, static entry => Texts.Encode(entry.Step))
            .WithEach(rows, static entry => Texts.Encode(entry.SourceHash))
            .WithEach(rows, static entry => entry.RunId.Value)
            .WithEach(rows, static entry => entry.Sequence)
            .WithEach(rows, static entry => entry.MadeAt.ToDatabase())
            .WithEach(rows, static entry => ValueColumns.Format(entry.Result))
            .WithEach(rows, entry => values.Content(entry.Result))
            .WithEach(rows, entry => values.Hash(entry.Result))
            .WithEach(rows, entry => values.Length(entry.Result));
    }
}
