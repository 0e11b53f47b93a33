using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Counts what is in the schema, and looks whether it is whole.</summary>
internal static class StatisticsReader
{
    public static async ValueTask<StoreStatistics> ReadAsync(NpgsqlConnection connection, SchemaName schema, CancellationToken cancellationToken)
    {
        var states = await QueryAsync(
            connection, $"SELECT state::integer, count(*) FROM {schema}.flow_runs GROUP BY state", static row => ((FlowRunState)row.GetInt32(0), row.GetInt64(1)), cancellationToken).ConfigureAwait(false);
        var counts = (await QueryAsync(
            connection,
            $"""
            SELECT (SELECT count(*) FROM {schema}.step_runs), (SELECT count(*) FROM {schema}.log_lines),
                (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = '{schema.Name}' AND c.relkind = 'r'),
                pg_total_relation_size('{schema.Name}.large_values'),
                (SELECT created_at FROM {schema}.flow_runs ORDER BY id LIMIT 1), (SELECT created_at FROM {schema}.flow_runs ORDER BY id DESC LIMIT 1)
            """,
            static row => new StoreStatistics
            {
                SchemaVersion = Migrator.Latest,
                FlowRuns = new Dictionary<FlowRunState, long>(),
                StepRuns = row.GetInt64(0),
                LogLines = row.GetInt64(1),
                Bytes = row.GetInt64(2),
                LargeValueBytes = row.GetInt64(3),
                OldestRunAt = row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4),
                NewestRunAt = row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5),
            },
            cancellationToken).ConfigureAwait(false))[0];
        return counts with { FlowRuns = states.ToDictionary(static row => row.Item1, static row => row.Item2) };
    }

    /// <summary>Indexes that the server does not use because making them did not come to its end.</summary>
    public static async ValueTask<IReadOnlyList<string>> FindInvalidIndexesAsync(NpgsqlConnection connection, SchemaName schema, CancellationToken cancellationToken) => await QueryAsync(
        connection,
        $"""
        SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = '{schema.Name}' AND NOT i.indisvalid ORDER BY 1 LIMIT 100
        """,
        static row => row.GetString(0),
        cancellationToken).ConfigureAwait(false);

    private static async ValueTask<List<T>> QueryAsync<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(sql);
            return await batch.QueryAsync(read, cancellationToken).ConfigureAwait(false);
        }
    }
}
