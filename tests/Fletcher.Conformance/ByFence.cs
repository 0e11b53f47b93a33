using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>Claims and changes of a run by somebody who has just read it and whose fence is this one.</summary>
public static class ByFence
{
    /// <summary>Claims the run as it is in the store now, if it has this fence.</summary>
    public static async ValueTask<FlowRunRecord?> TryClaimAsync(
        this IRunStore store, RunId run, long fence, Guid hostId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = await store.GetFlowRunAsync(run, cancellationToken);
        return await store.TryClaimAsync(run, Read(found, fence), hostId, now, cancellationToken);
    }

    /// <summary>Changes the run as it is in the store now, if it has this fence.</summary>
    public static async ValueTask<bool> TryReplaceAsync(
        this IRunStore store, FlowRunRecord run, long fence, IReadOnlyList<LedgerEntry> ledger, CancellationToken cancellationToken)
    {
        var found = await store.GetFlowRunAsync(run?.Id ?? default, cancellationToken);
        return await store.TryReplaceAsync(run!, Read(found, fence), WriteBatch.Of(ledger), cancellationToken);
    }

    private static RunVersion Read(FlowRunRecord? run, long fence) => (run?.Version ?? default) with { Fence = fence };
}
