using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>The variables and secrets of a <see cref="PostgreSqlStore"/>.</summary>
internal sealed class PostgreSqlVariables(Func<Server> server, SchemaName schema, Receipts receipts) : IVariableStore
{
    private const string Columns = "kind, name, version, value, changed_at, changed_by, note";
    private const string Changes = "version = v.version + 1, value = $3, changed_at = $4, changed_by = $5, note = $6";

    private readonly string _get = $"SELECT {Columns} FROM {schema}.variables WHERE kind = $1 AND name = $2";
    private readonly string _list = $"SELECT {Columns} FROM {schema}.variables WHERE kind = $1 AND name > $2 ORDER BY name LIMIT $3";
    private readonly string _insert = $"INSERT INTO {schema}.variables AS v ({Columns}) VALUES ($1, $2, 1, $3, $4, $5, $6) ON CONFLICT (kind, name) DO NOTHING";
    private readonly string _put = $"INSERT INTO {schema}.variables AS v ({Columns}) VALUES ($1, $2, 1, $3, $4, $5, $6) ON CONFLICT (kind, name) DO UPDATE SET {Changes}";
    private readonly string _update = $"UPDATE {schema}.variables v SET {Changes} WHERE kind = $1 AND name = $2 AND version = $7";
    private readonly string _delete = $"DELETE FROM {schema}.variables WHERE kind = $1 AND name = $2 AND ($3::bigint IS NULL OR version = $3)";

    public async ValueTask<VariableRecord?> GetAsync(VariableKind kind, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        var found = await QueryAsync(batch => batch.Add(_get).With((short)kind).With(Texts.Encode(name)), cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    public async ValueTask<IReadOnlyList<VariableRecord>> ListAsync(VariableKind kind, string? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await QueryAsync(batch => batch.Add(_list).With((short)kind).With(Texts.Encode(after ?? "")).With(limit), cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<bool> TryPutAsync(VariableRecord record, long? expected, CancellationToken cancellationToken)
    {
        StoreArguments.Check(record);
        return TryAsync(
            batch =>
            {
                var command = batch.Add(expected switch { null => _put, 0 => _insert, _ => _update })
                    .With((short)record.Kind)
                    .With(Texts.Encode(record.Name))
                    .With(record.Value.ToArray())
                    .With(record.ChangedAt.ToDatabase())
                    .With(Texts.Encode(record.ChangedBy))
                    .With(Texts.Encode(record.Note));
                if (expected is { } version and not 0)
                    command.With(version);
            },
            cancellationToken);
    }

    public ValueTask<bool> TryDeleteAsync(VariableKind kind, string name, long? expected, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        return TryAsync(batch => batch.Add(_delete).With((short)kind).With(Texts.Encode(name)).With(expected), cancellationToken);
    }

    /// <summary>Does it once, although its answer may be lost: a version that is set again would count twice.</summary>
    private async ValueTask<bool> TryAsync(Action<NpgsqlBatch> fill, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var opened = server();
        var receipt = receipts.Take();
        var hasChanged = await opened.RunAsync(
            (receipts, receipt, fill),
            static async (attempt, q, _) =>
            {
                var batch = new NpgsqlBatch(attempt.Connection);
                await using (batch.ConfigureAwait(false))
                {
                    q.receipts.Enter(batch, q.receipt);
                    q.fill(batch);
                    try
                    {
                        return await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false) > 0;
                    }
                    catch (PostgresException e) when (Receipts.IsDone(e))
                    {
                        return true;
                    }
                }
            },
            new Attempts(),
            cancellationToken).ConfigureAwait(false);

        // Not after an error: the server may still have it, and must find its number taken when it comes to it.
        receipts.GiveBack(receipt);
        return hasChanged;
    }

    private ValueTask<List<VariableRecord>> QueryAsync(Action<NpgsqlBatch> fill, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return server().RunAsync(
            fill,
            static async (connection, fill, token) =>
            {
                var batch = new NpgsqlBatch(connection);
                await using (batch.ConfigureAwait(false))
                {
                    fill(batch);
                    return await batch.QueryAsync(Map, token).ConfigureAwait(false);
                }
            },
            cancellationToken);
    }

    private static VariableRecord Map(NpgsqlDataReader row) => new()
    {
        Kind = (VariableKind)row.GetInt16(0),
        Name = row.Text(1),
        Version = row.GetInt64(2),
        Value = row.Bytes(3),
        ChangedAt = row.Instant(4),
        ChangedBy = row.Text(5),
        Note = row.TextOrNull(6),
    };
}
