using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// The part of a store that keeps deployments. It knows nothing of schedules: it keeps records by name, finds those that are due, and changes a record only for who has read its last
/// version, in one transaction with the runs that are started for it. Times are those of the records; the store's clock is not asked.
/// </summary>
public interface IDeploymentStore
{
    /// <summary>The deployment of this name; null when there is none.</summary>
    ValueTask<DeploymentRecord?> GetAsync(string name, CancellationToken cancellationToken);

    /// <summary>Deployments by name (ordinal).</summary>
    /// <param name="after">Only names after this one; null for all.</param>
    /// <param name="limit">How many at the most; from 1.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    ValueTask<IReadOnlyList<DeploymentRecord>> ListAsync(string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Those whose <see cref="DeploymentRecord.NextAt"/> is not later than <paramref name="now"/>, the longest due first, at most <paramref name="limit"/>. What it costs does not grow with the others.</summary>
    ValueTask<IReadOnlyList<DeploymentRecord>> GetDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>The earliest <see cref="DeploymentRecord.NextAt"/>; null when there is none. It costs one look into an index.</summary>
    ValueTask<DateTimeOffset?> GetNextDueAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Writes all of these records and starts all of these runs (as <see cref="IRunStore.StartAsync"/> does) in one transaction, if each record is still as expected. Durable when it returns. Who
    /// listens to the store (<see cref="IRunStore.Listen"/>) is told.
    /// </summary>
    /// <returns>What became of each start, in their order; null when one of the records was not as expected: then nothing has changed.</returns>
    /// <exception cref="ArgumentException">A name is too long or twice there, or a start is none.</exception>
    ValueTask<IReadOnlyList<StartedRun>?> TryWriteAsync(
        IReadOnlyList<DeploymentWrite> writes, IReadOnlyList<RunStart> starts, CancellationToken cancellationToken);

    /// <summary>The runs of a flow that were started with these idempotency keys; keys without one are left out.</summary>
    ValueTask<IReadOnlyDictionary<string, RunId>> FindStartedAsync(string flow, IReadOnlyCollection<string> idempotencyKeys, CancellationToken cancellationToken);
}
