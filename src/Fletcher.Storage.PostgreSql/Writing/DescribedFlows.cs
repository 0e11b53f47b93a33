using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Keeps what hosts say about flows, and reads it.</summary>
internal sealed class DescribedFlows(SchemaName schema)
{
    // In the order of the numbers, as other hosts describe the same flows.
    private readonly string _lock = $"SELECT id FROM {schema}.flows WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";

    private readonly string _put =
        $"""
        UPDATE {schema}.flows f SET parameter_schema = g.parameter_schema, summary = g.summary, tags = g.tags, source_hash = g.source_hash,
            code_version = g.code_version, published_at = g.published_at
        FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
            g (id, parameter_schema, summary, tags, source_hash, code_version, published_at)
        WHERE f.id = g.id
        """;

    private readonly string _select =
        $"""
        SELECT name, parameter_schema, summary, tags, source_hash, code_version, published_at FROM {schema}.flows WHERE published_at IS NOT NULL
        """;

    public void Put(NpgsqlBatch batch, IReadOnlyList<FlowRecord> flows, Dictionary<string, int> ids)
    {
        if (flows.Count == 0)
            return;
        var rows = flows.Last(static flow => flow.Name);
        batch.Add(_lock).WithEach(rows, flow => ids[flow.Name]);
        batch.Add(_put)
            .WithEach(rows, flow => ids[flow.Name])
            .WithEach(rows, static flow => Texts.Encode(flow.ParameterSchema))
            .WithEach(rows, static flow => Texts.Encode(flow.Summary))
            .WithEach(rows, static flow => TextListJson.Write(flow.Tags))
            .WithEach(rows, static flow => Texts.Encode(flow.SourceHash))
            .WithEach(rows, static flow => Texts.Encode(flow.CodeVersion))
            .WithEach(rows, static flow => flow.PublishedAt.ToDatabase());
    }

    public async ValueTask<List<FlowRecord>> ListAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_select + " ORDER BY name COLLATE \"C\"");
            return await batch.QueryAsync(Map, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<FlowRecord?> GetAsync(NpgsqlConnection connection, string flow, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_select + " AND name_hash = $1").With(Texts.Hash(flow));
            return (await batch.QueryAsync(Map, cancellationToken).ConfigureAwait(false)).FirstOrDefault();
        }
    }

    private static FlowRecord Map(NpgsqlDataReader row) => new()
    {
        Name = row.Text(0),
        ParameterSchema = row.TextOrNull(1),
        Summary = row.TextOrNull(2),
        Tags = row.TextList(3),
        SourceHash = row.TextOrNull(4),
        CodeVersion = row.TextOrNull(5),
        PublishedAt = row.Instant(6),
    };
}
