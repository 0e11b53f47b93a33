using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// The part of a store that lets go of runs. It knows no policy: it is told which runs, and sees that none goes which something needs. A run that is let go is gone at once for everybody who asks for it,
/// with its sub-flows; what it consists of is deleted behind that, a bounded number of rows in a transaction, so that writers never wait long, however large the run was. A crash between two
/// transactions leaves nothing half: who comes next goes on.
/// </summary>
public interface IRetentionStore
{
    /// <summary>Notes that somebody prunes now, unless somebody did within this time; so of many hosts one does it.</summary>
    /// <returns>Whether it is the caller's turn.</returns>
    ValueTask<bool> TryTakeTurnAsync(DateTimeOffset now, TimeSpan every, CancellationToken cancellationToken);

    /// <summary>Keeps how long runs of these flows are kept, in the place of what was said before.</summary>
    ValueTask PutPoliciesAsync(IReadOnlyDictionary<string, RetentionPolicy> policies, CancellationToken cancellationToken);

    /// <summary>Every flow that the store knows, and how long its runs are kept; null for one of which nobody has said so.</summary>
    ValueTask<IReadOnlyDictionary<string, RetentionPolicy?>> GetPoliciesAsync(CancellationToken cancellationToken);

    /// <summary>The place of the newest root run of a flow and kind that is over, after so many newer ones; null when there are no more than those.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="skip">How many newer ones; 0 or more. It costs as many steps in an index.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    ValueTask<EndedPlace?> FindPlaceAsync(string flow, RetentionKind kind, int skip, CancellationToken cancellationToken);

    /// <summary>
    /// Lets go of root runs that are over, the longest ended first, in one transaction. Left is one that something needs: the run that started it (<c>Flow.Start</c>) is
    /// in the store, or is not wholly deleted; a run that was forked from it is in the store; or, if it is no <see cref="RetentionKind.Once"/>, a sub-flow of it completed with a <c>Once</c> key. Idempotency keys stay, as keys of runs that were pruned. What this costs grows with the runs looked at only.
    /// </summary>
    /// <exception cref="ArgumentException">The limit is below 1.</exception>
    ValueTask<PrunedRuns> PruneAsync(PruneRequest request, CancellationToken cancellationToken);

    /// <summary>Drops what a database can drop whole, instead of row by row: parts that hold nothing but what was let go. It waits for nobody for long.</summary>
    /// <returns>How many parts were dropped.</returns>
    ValueTask<int> DropAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Deletes what runs consist of that were let go, whoever did that.</summary>
    /// <param name="rows">About how many rows at the most; from 1.</param>
    /// <param name="now">The time it is.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    ValueTask<ClearedRows> ClearAsync(int rows, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Deletes what is kept beside runs and grows with them: idempotency keys of runs that were pruned, cached results, hosts that ended, large results that nothing refers to any more.</summary>
    ValueTask<Forgotten> ForgetAsync(ForgetRequest request, CancellationToken cancellationToken);

    /// <summary>The time of creation of the newest run of a flow whose idempotency key was forgotten; null when none was. Of no run that was created before it can be said that it never was.</summary>
    ValueTask<DateTimeOffset?> GetKeysForgottenAsync(string flow, CancellationToken cancellationToken);

    /// <summary>Gives free room back to the system, a bounded part of it, as far as that keeps nobody waiting.</summary>
    ValueTask<GivenBack> GiveBackAsync(CancellationToken cancellationToken);

    /// <summary>Gives all free room back. Hosts wait meanwhile, in a large store for minutes, and it may take as much room again while it goes on.</summary>
    /// <exception cref="FletcherUsageException">A store of this kind is compacted with the tools of its database; the message says which.</exception>
    ValueTask CompactAsync(CancellationToken cancellationToken);
}
