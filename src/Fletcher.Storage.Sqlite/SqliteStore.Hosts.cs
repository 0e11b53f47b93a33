using Fletcher.Model;

namespace Fletcher.Storage.Sqlite;

public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public async ValueTask PutHostAsync(HostRecord host, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        cancellationToken.ThrowIfCancellationRequested();
        await Writer.TransactAsync(
            host,
            static (writer, host) =>
            {
                writer.Hosts.Put(host);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<HostRecord?> GetHostAsync(Guid host, CancellationToken cancellationToken) =>
        Readers.ReadAsync(host, HostReader.Get, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<HostRecord>> GetLivingHostsAsync(CancellationToken cancellationToken) =>
        await Readers.ReadAsync(0, static (reader, _) => HostReader.Living(reader), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Guid>> GetOwnersAsync(CancellationToken cancellationToken) =>
        await Readers.ReadAsync(0, static (reader, _) => OwnerReader.Owners(reader), cancellationToken).ConfigureAwait(false);
}
