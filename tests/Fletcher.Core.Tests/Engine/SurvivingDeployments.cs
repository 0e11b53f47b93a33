using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine.Tests;

/// <summary>One process's view of the deployments of a store that survives it.</summary>
internal sealed class SurvivingDeployments(IDeploymentStore behind, SurvivingStore store) : IDeploymentStore
{
    private int _calls;

    internal int Calls => Volatile.Read(ref _calls);

    public ValueTask<DeploymentRecord?> GetAsync(string name, CancellationToken cancellationToken) => Counted().GetAsync(name, cancellationToken);

    public ValueTask<IReadOnlyList<DeploymentRecord>> ListAsync(string? after, int limit, CancellationToken cancellationToken) =>
        Counted().ListAsync(after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<DeploymentRecord>> GetDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        Counted().GetDueAsync(now, limit, cancellationToken);

    public ValueTask<DateTimeOffset?> GetNextDueAsync(CancellationToken cancellationToken) => Counted().GetNextDueAsync(cancellationToken);

    public ValueTask<IReadOnlyList<StartedRun>?> TryWriteAsync(
        IReadOnlyList<DeploymentWrite> writes, IReadOnlyList<RunStart> starts, CancellationToken cancellationToken)
    {
        store.BeforeDeployment?.Invoke(store, starts);
        return store.ArriveAsync(() => Counted().TryWriteAsync(writes, starts, cancellationToken));
    }

    public ValueTask<IReadOnlyDictionary<string, RunId>> FindStartedAsync(
        string flow, IReadOnlyCollection<string> idempotencyKeys, CancellationToken cancellationToken) =>
        Counted().FindStartedAsync(flow, idempotencyKeys, cancellationToken);

    private IDeploymentStore Counted()
    {
        Interlocked.Increment(ref _calls);
        return behind;
    }
}
