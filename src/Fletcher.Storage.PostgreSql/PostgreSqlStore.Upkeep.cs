using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

public sealed partial class PostgreSqlStore
{
    /// <inheritdoc/>
    public ValueTask<StoreStatistics> GetStatisticsAsync(CancellationToken cancellationToken) => ReadAsync(
        Opened.Schema, static (connection, schema, token) => StatisticsReader.ReadAsync(connection, schema, token), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        var indexes = await ReadAsync(
            Opened.Schema, static (connection, schema, token) => StatisticsReader.FindInvalidIndexesAsync(connection, schema, token), cancellationToken).ConfigureAwait(false);
        return [.. indexes.Select(index => $"The index {_server.Schema.Name}.{index} is not valid. Make it anew: 'REINDEX INDEX CONCURRENTLY {_server.Schema.Name}.{index}'.")];
    }

    /// <inheritdoc/>
    public ValueTask BackUpAsync(string path, CancellationToken cancellationToken) => throw StoreErrors.BackUpWithPgDump(Opened);
}
