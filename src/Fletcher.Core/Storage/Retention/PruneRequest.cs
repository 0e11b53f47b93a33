using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>Which runs are not to be kept any longer.</summary>
/// <param name="Flow">The flow of the root runs.</param>
/// <param name="Kind">What they count as.</param>
/// <param name="After">Only those behind this place, where the batch before ended; null for the first batch.</param>
/// <param name="Through">Only those up to this place, itself included.</param>
/// <param name="Limit">How many are looked at at the most; from 1.</param>
/// <param name="Now">The time it is, for what is kept of the keys that they were started with.</param>
/// <param name="DryRun">Whether only to say which.</param>
public sealed record PruneRequest(string Flow, RetentionKind Kind, EndedPlace? After, EndedPlace Through, int Limit, DateTimeOffset Now, bool DryRun);

/// <summary>What became of a batch.</summary>
/// <param name="Runs">The root runs that are gone, or would be.</param>
/// <param name="Needed">How many were left, as something else needs them.</param>
/// <param name="Next">Where the next batch goes on; null when this was the last.</param>
public sealed record PrunedRuns(IReadOnlyList<EndedPlace> Runs, int Needed, EndedPlace? Next);

/// <summary>How much was deleted of runs that are gone.</summary>
/// <param name="Rows">How many rows.</param>
/// <param name="IsMore">Whether there is more to delete.</param>
public readonly record struct ClearedRows(int Rows, bool IsMore);

/// <summary>What is kept beside runs, and since when not any longer.</summary>
/// <param name="KeysBefore">Idempotency keys whose run was pruned before this.</param>
/// <param name="CachedBefore">Cached results that were made before this.</param>
/// <param name="HostsBefore">Hosts that ended, or were heard of last, before this, and have no run.</param>
/// <param name="Limit">How many of each are deleted at the most; from 1.</param>
/// <param name="Now">The time it is.</param>
/// <param name="DryRun">Whether only to count; then all are counted.</param>
public sealed record ForgetRequest(
    DateTimeOffset KeysBefore, DateTimeOffset CachedBefore, DateTimeOffset HostsBefore, int Limit, DateTimeOffset Now, bool DryRun);

/// <summary>How many were forgotten, or would be.</summary>
/// <param name="Keys">Idempotency keys.</param>
/// <param name="CachedResults">Cached results.</param>
/// <param name="Hosts">Hosts.</param>
/// <param name="IsMore">Whether there are more.</param>
public readonly record struct Forgotten(long Keys, long CachedResults, long Hosts, bool IsMore);

/// <summary>What became of room that is free in a store.</summary>
/// <param name="Bytes">How much was given back.</param>
/// <param name="IsMore">Whether more can be given back.</param>
/// <param name="LeftBytes">How much is left in the store, for what is written next.</param>
/// <param name="NeedsCompacting">Whether it takes <see cref="IRetentionStore.CompactAsync"/> to give that back.</param>
public readonly record struct GivenBack(long Bytes, bool IsMore, long LeftBytes, bool NeedsCompacting);
