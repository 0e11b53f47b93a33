using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Reads questions, newest first.</summary>
internal static class QuestionReader
{
    private const string Select =
        """
        SELECT run_id, sequence, text, asked_to, escalate_to, escalate_at, expires_at, schema, asked_at, closed_at, answered_by,
            answer
        FROM questions
        """;

    private const string NewestFirst = " ORDER BY asked_at DESC, run_id DESC, sequence DESC LIMIT ?1";

    internal const string AllSql = Select + NewestFirst;

    internal const string OpenSql = Select + " WHERE closed_at IS NULL" + NewestFirst;

    internal const string OfRunSql = Select + " WHERE run_id = ?2" + NewestFirst;

    internal const string OpenOfRunSql = Select + " WHERE run_id = ?2 AND closed_at IS NULL" + NewestFirst;

    public static List<QuestionRecord> List(Connection connection, RunId? run, bool onlyOpen, int limit)
    {
        var statement = run is { } id
            ? connection.Prepare(onlyOpen ? OpenOfRunSql : OfRunSql).Bind(2, id)
            : connection.Prepare(onlyOpen ? OpenSql : AllSql);
        return statement.Bind(1, limit).QueryAll(static row => new QuestionRecord
        {
            RunId = row.GetRunId(0),
            Sequence = row.GetInt32(1),
            Text = row.GetText(2)!,
            To = row.GetText(3),
            EscalateTo = row.GetText(4),
            EscalateAt = row.GetInstantOrNull(5),
            ExpiresAt = row.GetInstantOrNull(6),
            Schema = row.GetText(7)!,
            AskedAt = row.GetInstant(8),
            ClosedAt = row.GetInstantOrNull(9),
            AnsweredBy = row.GetText(10),
            Answer = row.GetBytes(11),
        });
    }
}
