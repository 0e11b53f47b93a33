using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Writes questions, the newer record over the older.</summary>
internal sealed class QuestionWriter(Connection connection)
{
    public void Put(QuestionRecord question)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(question.Text);
        ArgumentNullException.ThrowIfNull(question.Schema);
        connection.Prepare(
            """
            INSERT OR REPLACE INTO questions (run_id, sequence, text, asked_to, escalate_to, escalate_at, expires_at, schema,
                asked_at, closed_at, answered_by, answer)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            """)
            .Bind(1, question.RunId)
            .Bind(2, question.Sequence)
            .Bind(3, question.Text)
            .Bind(4, question.To)
            .Bind(5, question.EscalateTo)
            .Bind(6, question.EscalateAt)
            .Bind(7, question.ExpiresAt)
            .Bind(8, question.Schema)
            .Bind(9, question.AskedAt)
            .Bind(10, question.ClosedAt)
            .Bind(11, question.AnsweredBy)
            .Bind(12, question.Answer)
            .Execute();
    }
}
