using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Notes which run refers to which file in the results folder, so that pruning needs no search.</summary>
internal sealed class LargeValueRows(Connection connection, int threshold)
{
    public void Note(RunId run, StoredValue? value)
    {
        if (value is null || ValueColumns.IsInRow(value, threshold))
            return;

        connection.Prepare("INSERT OR IGNORE INTO large_values (hash, run_id, length) VALUES (?1, ?2, ?3)")
            .Bind(1, ValueColumns.FileOf(value))
            .Bind(2, run)
            .Bind(3, value.Length)
            .Execute();
    }
}
