using Fletcher.Model;
using Microsoft.Extensions.Logging;

namespace Fletcher.Storage.Sqlite;

/// <summary>Reads what hangs on a run: ledger, logs, artifacts.</summary>
internal static class RunDetailReader
{
    private const string SelectLogs = "SELECT run_id, sequence, attempt, at, level, category, message FROM log_lines";

    internal const string LogsSql = SelectLogs + " WHERE run_id = ?1 ORDER BY number DESC LIMIT ?2";

    // Left to itself SQLite reads the whole run backwards, which also gives the order.
    internal const string LogsOfStepSql =
        SelectLogs + " INDEXED BY log_lines_by_step WHERE run_id = ?1 AND sequence = ?3 ORDER BY number DESC LIMIT ?2";

    public static List<LedgerEntry> Ledger(Connection connection, RunId run) => connection.Prepare(
        """
        SELECT run_id, sequence, at, from_state, to_state, actor, reason, next FROM ledger_entries
        WHERE run_id = ?1 ORDER BY number
        """)
        .Bind(1, run)
        .QueryAll(static row => new LedgerEntry
        {
            RunId = row.GetRunId(0),
            Sequence = row.GetInt32(1),
            At = row.GetInstant(2),
            From = row.GetText(3),
            To = row.GetText(4)!,
            Actor = row.GetText(5)!,
            Reason = row.GetText(6)!,
            Next = row.GetText(7),
        });

    public static List<LogLine> Logs(Connection connection, RunId run, int? sequence, int limit)
    {
        var statement = sequence is { } step
            ? connection.Prepare(LogsOfStepSql).Bind(3, step)
            : connection.Prepare(LogsSql);
        var lines = statement.Bind(1, run).Bind(2, limit).QueryAll(static row => new LogLine
        {
            RunId = row.GetRunId(0),
            Sequence = row.GetInt32(1),
            Attempt = row.GetInt32(2),
            At = row.GetInstant(3),
            Level = (LogLevel)row.GetInt32(4),
            Category = row.GetText(5)!,
            Message = row.GetText(6)!,
        });
        lines.Reverse();
        return lines;
    }

    public static List<ArtifactRecord> Artifacts(Connection connection, RunId run) => connection.Prepare(
        "SELECT run_id, sequence, key, kind, at, content FROM artifacts WHERE run_id = ?1 ORDER BY at, sequence, key")
        .Bind(1, run)
        .QueryAll(static row => new ArtifactRecord
        {
            RunId = row.GetRunId(0),
            Sequence = row.GetInt32(1),
            Key = row.GetText(2)!,
            Kind = (ArtifactKind)row.GetInt32(3),
            At = row.GetInstant(4),
            Content = row.GetText(5)!,
        });
}
