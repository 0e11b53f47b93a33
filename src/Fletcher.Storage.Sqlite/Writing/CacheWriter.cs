using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Writes cached results; one that was made earlier than the one in the store is left out.</summary>
internal sealed class CacheWriter(Connection connection, LargeValueRows largeValues, int threshold)
{
    public void Put(CacheEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(entry.Step);
        var statement = connection.Prepare(
            """
            INSERT INTO cached_results (step, key, source_hash, run_id, sequence, made_at, result_format, result,
                result_file, result_length)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (step, key) DO UPDATE SET source_hash = ?3, run_id = ?4, sequence = ?5, made_at = ?6,
                result_format = ?7, result = ?8, result_file = ?9, result_length = ?10
            WHERE made_at <= ?6
            """);
        statement
            .Bind(1, entry.Step)
            .Bind(2, entry.Key)
            .Bind(3, entry.SourceHash)
            .Bind(4, entry.RunId)
            .Bind(5, entry.Sequence)
            .Bind(6, entry.MadeAt);
        ValueColumns.Bind(statement, 7, entry.Result, threshold);
        statement.Execute();

        largeValues.Note(entry.RunId, entry.Result);
    }
}
