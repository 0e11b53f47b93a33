using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>The variables and secrets of a <see cref="SqliteStore"/>.</summary>
internal sealed class SqliteVariables(Func<WriterConnection> writer, Func<ReaderPool> readers) : IVariableStore
{
    private const string Select = "SELECT kind, name, version, value, changed_at, changed_by, note FROM variables WHERE kind = ?1";

    public ValueTask<VariableRecord?> GetAsync(VariableKind kind, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        return readers().ReadAsync(
            (kind, name),
            static (reader, q) => reader.Prepare($"{Select} AND name = ?2").Bind(1, (long)q.kind).Bind(2, q.name).QuerySingle(Map),
            cancellationToken);
    }

    public async ValueTask<IReadOnlyList<VariableRecord>> ListAsync(VariableKind kind, string? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await readers().ReadAsync(
            (kind, after, limit),
            static (reader, q) => reader.Prepare($"{Select} AND name > ?2 ORDER BY name LIMIT ?3")
                .Bind(1, (long)q.kind).Bind(2, q.after ?? "").Bind(3, (long)q.limit).QueryAll(Map),
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<bool> TryPutAsync(VariableRecord record, long? expected, CancellationToken cancellationToken)
    {
        StoreArguments.Check(record);
        cancellationToken.ThrowIfCancellationRequested();
        return writer().TransactAsync((record, expected), static (writer, q) => writer.Variables.TryPut(q.record, q.expected), cancellationToken);
    }

    public ValueTask<bool> TryDeleteAsync(VariableKind kind, string name, long? expected, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        cancellationToken.ThrowIfCancellationRequested();
        return writer().TransactAsync((kind, name, expected), static (writer, q) => writer.Variables.TryDelete(q.kind, q.name, q.expected), cancellationToken);
    }

    private static VariableRecord Map(Statement row) => new()
    {
        Kind = (VariableKind)row.GetInt32(0),
        Name = row.GetText(1)!,
        Version = row.GetInt64(2),
        Value = row.GetBytes(3),
        ChangedAt = row.GetInstant(4),
        ChangedBy = row.GetText(5)!,
        Note = row.GetText(6),
    };
}
