using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting;

/// <summary>
/// Lets go of what is not kept any longer, once through the store. First of runs, each at once for everybody who looks; then it deletes what they consist of; then what is kept beside runs; at the end the
/// free room goes back to the system. All of it in bounded transactions, with a rest as long as each took, so that writers have at least half of the time. It may be ended between any two, by a crash
/// too: the next pass goes on.
/// </summary>
internal sealed class Pruner(IRetentionStore store, TimeProvider time)
{
    private const int RunsAtOnce = 100;
    private const int RowsAtOnce = 1_000;

    /// <summary>How long hosts are kept that nobody has heard of since.</summary>
    private static readonly TimeSpan KeepHostsFor = TimeSpan.FromDays(90);

    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);

    private static readonly RetentionKind[] Kinds = Enum.GetValues<RetentionKind>();

    /// <summary>Does it.</summary>
    /// <param name="asked">What somebody asks for over the policies.</param>
    /// <param name="options">What holds for flows of which the store knows no policy, and for keys and cached results.</param>
    /// <param name="cancellationToken">Ends it between two transactions.</param>
    internal async Task<PruneResult> RunAsync(PruneOptions asked, RetentionOptions options, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var policies = await store.GetPoliciesAsync(cancellationToken).ConfigureAwait(false);
        List<PrunedFlow> flows = [];
        var needed = 0L;
        foreach (var (flow, policy) in policies.OrderBy(static flow => flow.Key, StringComparer.Ordinal))
        {
            if (asked.Flow is not null && asked.Flow != flow)
                continue;
            foreach (var kind in Kinds)
                needed += await PruneAsync(flow, kind, (policy ?? options.Default).With(asked), now, asked.DryRun, flows, cancellationToken).ConfigureAwait(false);
        }

        var result = new PruneResult { Flows = flows, Needed = needed, IsDryRun = asked.DryRun };
        if (!asked.DryRun)
        {
            result = result with
            {
                DroppedPartitions = await store.DropAsync(now, cancellationToken).ConfigureAwait(false),
                Rows = await ClearAsync(now, cancellationToken).ConfigureAwait(false),
            };
        }

        if (asked.Flow is null)
            result = await ForgetAsync(result, options, now, cancellationToken).ConfigureAwait(false);
        return asked.DryRun ? result : await GiveBackAsync(result, asked.Compact, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<int> PruneAsync(
        string flow, RetentionKind kind, RetentionPolicy policy, DateTimeOffset now, bool isDryRun, List<PrunedFlow> flows, CancellationToken cancellationToken)
    {
        var beyondCount = policy.CountOf(kind) is { } count ? await store.FindPlaceAsync(flow, kind, count, cancellationToken).ConfigureAwait(false) : null;
        var beyondLatest = policy.LatestOf(kind) is > 0 and var latest ? await store.FindPlaceAsync(flow, kind, latest, cancellationToken).ConfigureAwait(false) : null;
        if (RetentionRange.Of(policy, kind, now, beyondCount, beyondLatest) is not { } range)
            return 0;

        var counts = new long[2];
        var needed = 0;
        EndedPlace? after = null;
        do
        {
            var began = TimeProvider.System.GetTimestamp();
            var batch = await store.PruneAsync(new PruneRequest(flow, kind, after, range.Through, RunsAtOnce, now, isDryRun), cancellationToken).ConfigureAwait(false);
            foreach (var run in batch.Runs)
                counts[(int)range.ReasonOf(run)]++;
            needed += batch.Needed;
            after = batch.Next;
            if (!isDryRun && batch.Runs.Count > 0)
                await RestAsync(began, cancellationToken).ConfigureAwait(false);
        }
        while (after is not null);

        foreach (var reason in Enum.GetValues<PruneReason>())
        {
            if (counts[(int)reason] > 0)
                flows.Add(new PrunedFlow(flow, kind, reason, counts[(int)reason]));
        }

        return needed;
    }

    private async ValueTask<long> ClearAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = 0L;
        while (true)
        {
            var began = TimeProvider.System.GetTimestamp();
            var cleared = await store.ClearAsync(RowsAtOnce, now, cancellationToken).ConfigureAwait(false);
            rows += cleared.Rows;
            if (!cleared.IsMore)
                return rows;
            await RestAsync(began, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<PruneResult> ForgetAsync(PruneResult result, RetentionOptions options, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var request = new ForgetRequest(now - options.KeepKeysFor, now - options.KeepCachedFor, now - KeepHostsFor, RowsAtOnce, now, result.IsDryRun);
        while (true)
        {
            var began = TimeProvider.System.GetTimestamp();
            var forgotten = await store.ForgetAsync(request, cancellationToken).ConfigureAwait(false);
            result = result with
            {
                Keys = result.Keys + forgotten.Keys,
                CachedResults = result.CachedResults + forgotten.CachedResults,
                Hosts = result.Hosts + forgotten.Hosts,
            };
            if (!forgotten.IsMore)
                return result;
            await RestAsync(began, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<PruneResult> GiveBackAsync(PruneResult result, bool compacts, CancellationToken cancellationToken)
    {
        if (compacts)
            await store.CompactAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var began = TimeProvider.System.GetTimestamp();
            var given = await store.GiveBackAsync(cancellationToken).ConfigureAwait(false);
            result = result with { BytesGivenBack = result.BytesGivenBack + given.Bytes, BytesFree = given.LeftBytes, NeedsCompacting = given.NeedsCompacting };
            if (!given.IsMore)
                return result;
            await RestAsync(began, cancellationToken).ConfigureAwait(false);
        }
    }

    // In real time, as writers are real.
    private static Task RestAsync(long began, CancellationToken cancellationToken)
    {
        var took = TimeProvider.System.GetElapsedTime(began);
        return Task.Delay(took < LongestRest ? took : LongestRest, TimeProvider.System, cancellationToken);
    }
}
