using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>Claims by a host that takes everything of some flows.</summary>
public static class ByFlows
{
    public static ValueTask<IReadOnlyList<ClaimedRun>> ClaimDueAsync(
        this IRunStore store, Guid hostId, IReadOnlyCollection<string> flows, DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        store.ClaimDueAsync(Request(hostId, flows, now, limit), cancellationToken);

    /// <summary>When the first run of these flows is due, asked at the time of <see cref="RunStoreConformance"/>'s clock.</summary>
    public static ValueTask<DateTimeOffset?> GetNextWakeAsync(
        this IRunStore store, IReadOnlyCollection<string> flows, CancellationToken cancellationToken) =>
        store.GetNextWakeAsync(Request(Guid.Empty, flows, A.Instant.AddHours(1), 1), cancellationToken);

    public static ClaimRequest Request(Guid hostId, IReadOnlyCollection<string> flows, DateTimeOffset now, int limit) =>
        new() { HostId = hostId, Flows = flows, Now = now, Limit = limit };
}
