using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Writes variables and secrets that are still as they were read.</summary>
internal sealed class VariableWriter(Connection connection)
{
    public bool TryPut(VariableRecord record, long? expected)
    {
        var version = VersionOf(record.Kind, record.Name);
        if (expected is { } wanted && wanted != version)
            return false;
        connection.Prepare("INSERT OR REPLACE INTO variables (kind, name, version, value, changed_at, changed_by, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
            .Bind(1, (long)record.Kind)
            .Bind(2, record.Name)
            .Bind(3, version + 1)
            .Bind(4, record.Value.Span)
            .Bind(5, record.ChangedAt)
            .Bind(6, record.ChangedBy)
            .Bind(7, record.Note)
            .Execute();
        return true;
    }

    public bool TryDelete(VariableKind kind, string name, long? expected)
    {
        var version = VersionOf(kind, name);
        if (version == 0 || (expected is { } wanted && wanted != version))
            return false;
        connection.Prepare("DELETE FROM variables WHERE kind = ?1 AND name = ?2").Bind(1, (long)kind).Bind(2, name).Execute();
        return true;
    }

    private long VersionOf(VariableKind kind, string name) => connection.Prepare("SELECT version FROM variables WHERE kind = ?1 AND name = ?2")
        .Bind(1, (long)kind).Bind(2, name).QuerySingle(static row => row.GetInt64(0));
}
