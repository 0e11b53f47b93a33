using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>Writes artifacts, the newer over the older of the same key.</summary>
internal sealed class ArtifactWriter(Connection connection)
{
    public void Put(ArtifactRecord artifact)
    {
        ArgumentNullException.ThrowIfNull(artifact);
        ArgumentNullException.ThrowIfNull(artifact.Key);
        ArgumentNullException.ThrowIfNull(artifact.Content);
        connection.Prepare(
            "INSERT OR REPLACE INTO artifacts (run_id, sequence, key, kind, at, content) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            .Bind(1, artifact.RunId)
            .Bind(2, artifact.Sequence)
            .Bind(3, artifact.Key)
            .Bind(4, (long)artifact.Kind)
            .Bind(5, artifact.At)
            .Bind(6, artifact.Content)
            .Execute();
    }
}
