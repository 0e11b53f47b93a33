using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Reads cached results.</summary>
internal static class CacheReader
{
    public static CacheEntry? Find(Connection connection, string step, ContentHash key) => connection.Prepare(
        """
        SELECT step, key, source_hash, run_id, sequence, made_at, result_format, result, result_file, result_length
        FROM cached_results WHERE step = ?1 AND key = ?2
        """)
        .Bind(1, step)
        .Bind(2, key)
        .QuerySingle(static row => new CacheEntry
        {
            Step = row.GetText(0)!,
            Key = row.GetHash(1),
            SourceHash = row.GetText(2),
            RunId = row.GetRunId(3),
            Sequence = row.GetInt32(4),
            MadeAt = row.GetInstant(5),
            Result = ValueColumns.Read(row, 6),
        });
}
