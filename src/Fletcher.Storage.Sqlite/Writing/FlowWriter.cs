using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Keeps what hosts say about flows.</summary>
internal sealed class FlowWriter(Connection connection, NameIds names)
{
    public void Put(FlowRecord flow) => connection.Prepare(
        """
        UPDATE flows SET parameter_schema = ?2, summary = ?3, tags = ?4, source_hash = ?5, code_version = ?6, published_at = ?7
        WHERE id = ?1
        """)
        .Bind(1, names.OfFlow(flow.Name))
        .Bind(2, flow.ParameterSchema)
        .Bind(3, flow.Summary)
        .Bind(4, TextListJson.Write(flow.Tags))
        .Bind(5, flow.SourceHash)
        .Bind(6, flow.CodeVersion)
        .Bind(7, flow.PublishedAt)
        .Execute();
}
