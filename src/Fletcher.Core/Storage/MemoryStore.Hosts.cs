using Fletcher.Model;

namespace Fletcher.Storage;

public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    public ValueTask PutHostAsync(HostRecord host, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            _hosts[host.Id] = host;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<HostRecord?> GetHostAsync(Guid host, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_hosts.GetValueOrDefault(host));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<HostRecord>> GetLivingHostsAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new([.. _hosts.Values.Where(static host => host.EndedAt is null)]);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Guid>> GetOwnersAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_owners.Hosts);
    }
}
