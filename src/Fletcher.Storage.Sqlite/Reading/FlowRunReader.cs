using System.Globalization;
using System.Text;
using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Reads flow runs.</summary>
internal static class FlowRunReader
{
    /// <summary>The parameters of <see cref="List"/> from which on tags are given, two for each.</summary>
    private const int FirstTag = 6;

    private const string Select =
        """

        SELECT r.id, f.name, r.name, r.state, r.reason, r.parameters, r.parameters_hash, r.once_key, r.parent_run_id,
            r.parent_sequence, r.root_run_id, r.attempt, r.created_at, r.started_at, r.ended_at, r.host_id, r.fence,
            r.result_format, r.result, r.result_file, r.result_length, r.error, r.code_version, r.tags,
            r.failures, r.next_attempt_at, r.wake_at, r.crashes, r.last_message, r.undoing_to, r.undoing_since,
            r.undoing_reason, r.forked_from, r.expires_at, r.caller_host_id, r.priority, r.fairness_key, l.queue, l.labels
        FROM flow_runs r JOIN flows f ON f.id = r.flow_id LEFT JOIN lanes l ON l.id = r.lane_id
        """;

    internal const string FindOnceSql = Select + """
         WHERE r.flow_id = (SELECT id FROM flows WHERE name = ?1) AND r.once_key = ?2 AND (r.state <= 10 OR r.wake_at IS NOT NULL)
        ORDER BY r.id DESC LIMIT 1
        """;

    // Three ranges of the index: 'IS NOT' alone, or a list made once, would visit every run of the excepted host.
    internal const string FindUnfinishedSql =
        """
        WITH unfinished AS NOT MATERIALIZED (
            SELECT id, host_id FROM flow_runs
            WHERE flow_id = (SELECT id FROM flows WHERE name = ?1) AND parameters_hash = ?2
                AND parent_run_id IS NULL AND state NOT IN (10, 12)
        ), ids AS (
            SELECT id FROM unfinished WHERE host_id < ?3
            UNION ALL SELECT id FROM unfinished WHERE host_id > ?3
            UNION ALL SELECT id FROM unfinished WHERE host_id IS NULL
            ORDER BY id DESC LIMIT ?4
        )
        """
        + Select
        + " WHERE r.id IN ids ORDER BY r.id DESC";

    internal const string OfHostSql = Select + """
         WHERE r.root_run_id = r.id AND r.host_id IS NOT NULL AND r.state < 10 AND r.host_id = ?1 AND r.id > ?2
        ORDER BY r.id LIMIT ?3
        """;

    public static List<FlowRunRecord> OfHost(Connection connection, Guid host, RunId after, int limit) =>
        connection.Prepare(OfHostSql).Bind(1, host).Bind(2, after).Bind(3, limit).QueryAll(Map);

    public static FlowRunRecord? Get(Connection connection, RunId id) =>
        connection.Prepare(Select + " WHERE r.id = ?1").Bind(1, id).QuerySingle(Map);

    public static List<RunId> FindOver(Connection connection, IReadOnlyCollection<RunId> runs) =>
        [.. runs.Where(run => !connection.Prepare("SELECT 1 FROM flow_runs WHERE id = ?1 AND (state < 10 OR wake_at IS NOT NULL)").Bind(1, run).QuerySingle(static _ => true))];

    public static FlowRunRecord? FindOnce(Connection connection, string flow, string key) => connection.Prepare(FindOnceSql)
        .Bind(1, flow)
        .Bind(2, key)
        .QuerySingle(Map);

    public static List<FlowRunRecord> FindUnfinished(
        Connection connection, string flow, ContentHash parametersHash, Guid exceptHost, int limit) =>
        connection.Prepare(FindUnfinishedSql)
            .Bind(1, flow)
            .Bind(2, parametersHash)
            .Bind(3, exceptHost)
            .Bind(4, limit)
            .QueryAll(Map);

    public static List<FlowRunRecord> List(Connection connection, FlowRunQuery query)
    {
        // A text for each combination of conditions, so that SQLite plans each with the index that fits.
        var sql = new StringBuilder(Select).Append(" WHERE 1");
        if (query.Flow is not null)
            sql.Append(" AND r.flow_id = (SELECT id FROM flows WHERE name = ?1)");
        if (query.Parent is not null)
            sql.Append(" AND r.parent_run_id = ?2");
        if (query.Before is not null)
            sql.Append(" AND r.id < ?3");
        if (query.NotBefore is not null)
            sql.Append(" AND r.id >= ?5");
        if (query.States.Count > 0)
        {
            var states = query.States.Distinct().Order().Select(static s => ((int)s).ToString(CultureInfo.InvariantCulture));
            sql.Append(" AND r.state IN (").AppendJoin(", ", states).Append(')');
        }

        // Most runs are told by the text alone, which may hold the tag in another place too.
        for (var i = 0; i < query.Tags.Count; i++)
        {
            sql.Append(
                CultureInfo.InvariantCulture,
                $" AND instr(r.tags, ?{FirstTag + (2 * i)}) > 0 AND EXISTS (SELECT 1 FROM json_each(r.tags) t WHERE t.value = ?{FirstTag + (2 * i) + 1})");
        }

        sql.Append(" ORDER BY r.id DESC LIMIT ?4");
        var statement = connection.Prepare(sql.ToString());
        if (query.Flow is not null)
            statement.Bind(1, query.Flow);
        if (query.Parent is not null)
            statement.Bind(2, query.Parent);
        if (query.Before is not null)
            statement.Bind(3, query.Before);
        if (query.NotBefore is not null)
            statement.Bind(5, query.NotBefore);
        for (var i = 0; i < query.Tags.Count; i++)
            statement.Bind(FirstTag + (2 * i), TextListJson.WriteOne(query.Tags[i])).Bind(FirstTag + (2 * i) + 1, query.Tags[i]);
        return statement.Bind(4, query.Limit).QueryAll(Map);
    }

    private static FlowRunRecord Map(Statement row) => new()
    {
        Id = row.GetRunId(0),
        Flow = row.GetText(1)!,
        Name = row.GetText(2),
        State = (FlowRunState)row.GetInt32(3),
        Reason = row.GetText(4),
        Parameters = row.GetBytes(5)!,
        ParametersHash = row.GetHash(6),
        OnceKey = row.GetText(7),
        ParentRunId = row.GetRunIdOrNull(8),
        ParentSequence = row.GetInt32(9),
        RootRunId = row.GetRunId(10),
        Attempt = row.GetInt32(11),
        CreatedAt = row.GetInstant(12),
        StartedAt = row.GetInstantOrNull(13),
        EndedAt = row.GetInstantOrNull(14),
        HostId = row.GetGuidOrNull(15),
        Fence = row.GetInt64(16),
        Result = ValueColumns.Read(row, 17),
        Error = ErrorJson.Read(row.GetBytes(21)),
        CodeVersion = row.GetText(22),
        Tags = TextListJson.Read(row.GetBytes(23)),
        Failures = row.GetInt32(24),
        NextAttemptAt = row.GetInstantOrNull(25),
        WakeAt = row.GetInstantOrNull(26),
        Crashes = row.GetInt32(27),
        LastMessage = row.GetInt64(28),
        Undoing = row.IsNull(29) ? null : new UndoingRecord((FlowRunState)row.GetInt32(29), row.GetInstant(30), row.GetText(31)),
        ForkedFrom = row.GetRunIdOrNull(32),
        ExpiresAt = row.GetInstantOrNull(33),
        CallerHostId = row.GetGuidOrNull(34),
        Priority = row.GetInt32(35),
        FairnessKey = row.GetText(36)!,
        Queue = row.GetText(37) ?? FlowRunRecord.DefaultQueue,
        Labels = TextListJson.Read(row.GetBytes(38)),
    };
}
