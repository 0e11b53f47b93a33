using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

/// <summary>The deployments of a <see cref="SqliteStore"/>.</summary>
internal sealed class SqliteDeployments(Func<WriterConnection> writer, Func<ReaderPool> readers, ChangeSignal changes) : IDeploymentStore
{
    internal const string DueSql = "SELECT record FROM deployments WHERE next_at <= ?1 ORDER BY next_at LIMIT ?2";
    internal const string NextSql = "SELECT next_at FROM deployments WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1";

    public ValueTask<DeploymentRecord?> GetAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        return readers().ReadAsync(
            name,
            static (reader, name) => reader.Prepare("SELECT record FROM deployments WHERE name = ?1").Bind(1, name).QuerySingle(Map),
            cancellationToken);
    }

    public async ValueTask<IReadOnlyList<DeploymentRecord>> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await readers().ReadAsync(
            (after, limit),
            static (reader, q) => reader.Prepare("SELECT record FROM deployments WHERE name > ?1 ORDER BY name LIMIT ?2")
                .Bind(1, q.after ?? "").Bind(2, (long)q.limit).QueryAll(Map),
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<DeploymentRecord>> GetDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await readers().ReadAsync(
            (now, limit),
            static (reader, q) => reader.Prepare(DueSql).Bind(1, q.now).Bind(2, (long)q.limit).QueryAll(Map),
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<DateTimeOffset?> GetNextDueAsync(CancellationToken cancellationToken) => readers().ReadAsync(
        0, static (reader, _) => reader.Prepare(NextSql).QuerySingle(static row => (DateTimeOffset?)row.GetInstant(0)), cancellationToken);

    public async ValueTask<IReadOnlyList<StartedRun>?> TryWriteAsync(
        IReadOnlyList<DeploymentWrite> writes, IReadOnlyList<RunStart> starts, CancellationToken cancellationToken)
    {
        DeploymentWrite.Check(writes);
        StoreArguments.Check(starts);
        cancellationToken.ThrowIfCancellationRequested();
        var started = await writer().TransactAsync(
            (writes, starts), static (writer, q) => writer.Deployments.Write(q.writes, q.starts), cancellationToken).ConfigureAwait(false);
        if (started is not null)
            changes.Work.Tell();
        return started;
    }

    public async ValueTask<IReadOnlyDictionary<string, RunId>> FindStartedAsync(
        string flow, IReadOnlyCollection<string> idempotencyKeys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(idempotencyKeys);
        return await readers().ReadAsync(
            (flow, idempotencyKeys),
            static (reader, q) =>
            {
                var found = new Dictionary<string, RunId>(StringComparer.Ordinal);
                var id = reader.Prepare("SELECT id FROM flows WHERE name = ?1").Bind(1, q.flow).QuerySingle(static row => (long?)row.GetInt64(0));
                foreach (var key in id is null ? [] : q.idempotencyKeys)
                {
                    var run = reader.Prepare(StartWriter.FindSql).Bind(1, id).Bind(2, (long)StartKeyKind.Idempotency).Bind(3, key)
                        .QuerySingle(static row => row.GetRunIdOrNull(0));
                    if (run is { } known)
                        found[key] = known;
                }

                return found;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static DeploymentRecord Map(Statement row) => DeploymentJson.Read(row.GetText(0)!);
}
