using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Writes deployments that are still as they were read, and starts their runs.</summary>
internal sealed class DeploymentWriter(Connection connection, StartWriter starts)
{
    /// <summary>Null when one is not as expected; then nothing was written.</summary>
    public List<StartedRun>? Write(IReadOnlyList<DeploymentWrite> writes, IReadOnlyList<RunStart> runs)
    {
        foreach (var write in writes)
        {
            var version = connection.Prepare("SELECT version FROM deployments WHERE name = ?1").Bind(1, write.Name).QuerySingle(static row => (long?)row.GetInt64(0));
            if ((version ?? 0) != write.Expected)
                return null;
        }

        foreach (var write in writes)
            Put(write);
        return starts.Start(runs);
    }

    private void Put(DeploymentWrite write)
    {
        if (write.Kept is not { } record)
        {
            connection.Prepare("DELETE FROM deployments WHERE name = ?1").Bind(1, write.Name).Execute();
            return;
        }

        connection.Prepare("INSERT OR REPLACE INTO deployments (name, version, next_at, record) VALUES (?1, ?2, ?3, ?4)")
            .Bind(1, record.Name)
            .Bind(2, record.Version)
            .Bind(3, record.NextAt)
            .Bind(4, DeploymentJson.Write(record))
            .Execute();
    }
}
