using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Appends log lines.</summary>
internal sealed class LogWriter(Connection connection)
{
    private readonly RunNumbers _numbers = new(connection, "SELECT max(number) FROM log_lines WHERE run_id = ?1");

    public void Add(LogLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(line.Category);
        ArgumentNullException.ThrowIfNull(line.Message);
        connection.Prepare(
            """
            INSERT INTO log_lines (run_id, number, sequence, attempt, at, level, category, message)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """)
            .Bind(1, line.RunId)
            .Bind(2, _numbers.Next(line.RunId))
            .Bind(3, line.Sequence)
            .Bind(4, line.Attempt)
            .Bind(5, line.At)
            .Bind(6, (long)line.Level)
            .Bind(7, line.Category)
            .Bind(8, line.Message)
            .Execute();
    }

    public void EndBatch() => _numbers.EndBatch();
}
