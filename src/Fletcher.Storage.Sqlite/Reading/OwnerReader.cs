namespace Fletcher.Storage.Sqlite;

/// <summary>Finds who has open roots, and which.</summary>
internal static class OwnerReader
{
    private const string Owned = " FROM flow_runs WHERE root_run_id = id AND host_id IS NOT NULL AND state < 10";

    // Jumps from host to host in the index; DISTINCT would visit each of their runs.
    internal const string OwnersSql =
        $"""
        WITH RECURSIVE owners (id) AS (
            SELECT (SELECT host_id{Owned} ORDER BY host_id LIMIT 1)
            UNION ALL
            SELECT (SELECT host_id{Owned} AND host_id > owners.id ORDER BY host_id LIMIT 1) FROM owners WHERE owners.id IS NOT NULL
        )
        SELECT id FROM owners WHERE id IS NOT NULL
        """;

    public static List<Guid> Owners(Connection connection) =>
        connection.Prepare(OwnersSql).QueryAll(static row => row.GetGuid(0));
}
