using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Reads what hosts have said about flows.</summary>
internal static class FlowReader
{
    private const string Select =
        "SELECT name, parameter_schema, summary, tags, source_hash, code_version, published_at FROM flows WHERE published_at IS NOT NULL";

    public static List<FlowRecord> List(Connection connection) => connection.Prepare(Select + " ORDER BY name").QueryAll(Map);

    public static FlowRecord? Get(Connection connection, string flow) =>
        connection.Prepare(Select + " AND name = ?1").Bind(1, flow).QuerySingle(Map);

    private static FlowRecord Map(Statement row) => new()
    {
        Name = row.GetText(0)!,
        ParameterSchema = row.GetText(1),
        Summary = row.GetText(2),
        Tags = TextListJson.Read(row.GetBytes(3)),
        SourceHash = row.GetText(4),
        CodeVersion = row.GetText(5),
        PublishedAt = row.GetInstant(6),
    };
}
