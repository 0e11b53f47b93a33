using Fletcher.Model;
using Npgsql;

namespace Fletcher.Storage.PostgreSql;

/// <summary>Ends what is open in the family of a root that has ended.</summary>
internal sealed class Families(SchemaName schema, TimeProvider time)
{
    private readonly string _endMembers =
        $"""
        UPDATE {schema}.flow_runs SET state = $2, reason = $3, ended_at = $4, host_id = NULL, wake_at = NULL, fence = fence + 1
        WHERE root_run_id = $1 AND root_run_id <> id AND state < 10
        """;

    // Down the family, as no index holds those of its members that have ended; so it costs as much as the family is large.
    private readonly string _closeQuestions =
        $"""
        WITH RECURSIVE family (id) AS (
            SELECT $1::uuid
            UNION SELECT m.id FROM {schema}.flow_runs m JOIN family f ON m.parent_run_id = f.id WHERE m.root_run_id = $1
        )
        UPDATE {schema}.questions SET closed_at = $2 WHERE run_id IN (SELECT id FROM family) AND closed_at IS NULL
        """;

    public void End(NpgsqlBatch batch, FlowRunRecord root)
    {
        if (!root.State.IsEnd())
            return;
        batch.Add(_endMembers)
            .With(root.Id.Value).With((short)root.State).With(Texts.Encode(root.Reason)).With(root.EndedAt.ToDatabase());

        // What crashed goes on, and its questions still want an answer.
        if (root.State != FlowRunState.Crashed && root.WakeAt is null)
            batch.Add(_closeQuestions).With(root.Id.Value).With((root.EndedAt ?? time.GetUtcNow()).ToDatabase());
    }
}
