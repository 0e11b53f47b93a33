using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Appends ledger entries.</summary>
internal sealed class LedgerWriter(Connection connection)
{
    private readonly RunNumbers _numbers = new(connection, "SELECT max(number) FROM ledger_entries WHERE run_id = ?1");

    public void Add(LedgerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(entry.To);
        ArgumentNullException.ThrowIfNull(entry.Actor);
        ArgumentNullException.ThrowIfNull(entry.Reason);
        connection.Prepare(
            """
            INSERT INTO ledger_entries (run_id, number, sequence, at, from_state, to_state, actor, reason, next)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """)
            .Bind(1, entry.RunId)
            .Bind(2, _numbers.Next(entry.RunId))
            .Bind(3, entry.Sequence)
            .Bind(4, entry.At)
            .Bind(5, entry.From)
            .Bind(6, entry.To)
            .Bind(7, entry.Actor)
            .Bind(8, entry.Reason)
            .Bind(9, entry.Next)
            .Execute();
    }

    public void EndBatch() => _numbers.EndBatch();
}
