namespace Fletcher.Storage;

/// <summary>
/// What people who look after a store ask of it. A store that can answer implements it beside <see cref="IRunStore"/>. All of it reads only, hosts go on meanwhile, and it may take
/// seconds to minutes in a large store.
/// </summary>
public interface IStoreUpkeep
{
    /// <summary>What is in it, and how much room that takes. It counts, so it takes longer the more there is.</summary>
    ValueTask<StoreStatistics> GetStatisticsAsync(CancellationToken cancellationToken);

    /// <summary>Looks whether the store is whole.</summary>
    /// <returns>What is not, a sentence each with what to do, 100 at the most; none when all is well.</returns>
    ValueTask<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken);

    /// <summary>Writes a copy of the store as it is at one moment, while hosts go on.</summary>
    /// <param name="path">A file that does not exist; its folder does. What the store keeps beside its database is put beside the copy in the same way.</param>
    /// <param name="cancellationToken">Ends it between two steps; what was written until then is left.</param>
    /// <exception cref="FletcherUsageException">There is something at the path already, or a store of this kind is backed up with the tools of its database; the message says which.</exception>
    /// <exception cref="StoreUnavailableException">The copy cannot be written.</exception>
    ValueTask BackUpAsync(string path, CancellationToken cancellationToken);
}
