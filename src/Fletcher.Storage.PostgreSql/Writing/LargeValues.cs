using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>
/// Values too large for a row, by the hash of their content: each is kept once, however many steps, flows and cache entries have it, and reusing
/// a result in a later run copies nothing. large_value_runs says which runs refer to a value, so that pruning needs no search.
/// </summary>
internal sealed class LargeValues(Server server, ValueColumns values)
{
    private readonly string _known = $"SELECT hash FROM {server.Schema}.large_values WHERE hash = ANY($1)";

    private readonly string _put = $"INSERT INTO {server.Schema}.large_values (hash, content) VALUES ($1, $2) ON CONFLICT DO NOTHING";

    private readonly string _note = $"SELECT {server.Schema}.refer_to_values($1, $2)";

    private readonly string _read = $"SELECT content FROM {server.Schema}.large_values WHERE hash = $1";

    /// <summary>Adds what the rows of a batch refer to. A content that is there already is not sent.</summary>
    public async ValueTask PutAsync(NpgsqlBatch batch, IEnumerable<(RunId Run, StoredValue? Value)> given)
    {
        Dictionary<Guid, StoredValue>? contents = null;
        HashSet<(Guid Run, Guid Hash)>? references = null;
        foreach (var (run, value) in given)
        {
            if (value is null || values.IsInRow(value))
                continue;

            var hash = ValueColumns.LargeHash(value).ToGuid();
            (references ??= []).Add((run.Value, hash));
            if (value.Content is { } content)
            {
                if (ContentHash.Of(content) != value.Hash || value.Length != content.Length)
                    throw new ArgumentException($"The value of {content.Length} bytes has hash or length of another one.", nameof(given));
                (contents ??= [])[hash] = value;
            }
        }

        if (references is null)
            return;
        if (contents is not null)
        {
            foreach (var known in await KnownAsync(batch.Connection!, [.. contents.Keys]).ConfigureAwait(false))
                contents.Remove(known);
            foreach (var (hash, value) in contents.OrderBy(static content => content.Key))
                batch.Add(_put).With(hash).With(value.Content);
        }

        (Guid Run, Guid Hash)[] rows = [.. references.Order()];
        batch.Add(_note).WithEach(rows, static row => row.Run).WithEach(rows, static row => row.Hash);
    }

    /// <summary>The content of a value, checked against its hash.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(StoredValue value, CancellationToken cancellationToken)
    {
        var hash = ValueColumns.LargeHash(value);
        var content = await server.RunAsync((_read, hash), static async (connection, q, token) =>
        {
            var batch = new NpgsqlBatch(connection);
            await using (batch.ConfigureAwait(false))
            {
                batch.Add(q._read).With(q.hash.ToGuid());
                return (byte[]?)await batch.ExecuteScalarAsync(token).ConfigureAwait(false);
            }
        }, cancellationToken).ConfigureAwait(false) ?? throw StoreErrors.MissingValue(server, hash.ToString());

        if (content.Length != value.Length)
            throw StoreErrors.DamagedValue(server, hash.ToString(), $"it has {content.Length} bytes instead of {value.Length}");
        var found = ContentHash.Of(content);
        return found == hash ? content : throw StoreErrors.DamagedValue(server, hash.ToString(), $"its content has the hash {found}");
    }

    private async ValueTask<List<Guid>> KnownAsync(NpgsqlConnection connection, Guid[] hashes)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(_known).With(hashes);
            return await batch.QueryAsync(static row => row.GetGuid(0), CancellationToken.None).ConfigureAwait(false);
        }
    }
}
