using Fletcher.Model;
using Fletcher.Terminal;

namespace Fletcher.Cli;

/// <summary>Limits that let nobody start.</summary>
internal static class LimitChecks
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    internal static async Task<IEnumerable<Finding>> FindAsync(Session session)
    {
        List<Finding> findings = [];
        if (session.Store.Limits is null)
            return findings;
        var now = session.Time.GetUtcNow();
        foreach (var limit in await session.Client.GetLimitsAsync(session.CancellationToken).ConfigureAwait(false))
        {
            foreach (var lane in await session.Client.GetLimitLanesAsync(limit.Name, null, session.CancellationToken).ConfigureAwait(false))
            {
                if (Find(limit, lane, now) is { } finding)
                    findings.Add(finding);
            }
        }

        return findings;
    }

    private static Finding? Find(LimitRecord limit, LimitLaneRecord lane, DateTimeOffset now)
    {
        var name = LimitView.Lane(limit.Name, lane.Key);
        if (lane.OpenReason is { } open)
            return new Finding("limit", $"The breaker of limit '{name}' is open: {open}. {Waiters(lane)}.", "It lets one try by itself after a while; put right what fails.");
        if (lane.WaiterCount == 0)
            return null;
        if (limit.Settings.Slots == 0)
            return new Finding("limit", $"Limit '{name}' has 0 slots, so nobody starts. {Waiters(lane)}.", $"'fletcher limits set {limit.Name} --slots <n>' gives it some.");
        if (lane.Holders.Count > 0 && lane.Holders[0].GrantedAt is { } since && now - since > Long)
            return new Finding("limit", $"Limit '{name}' has been held for {Ago.Short(now - since)} by {LimitView.Place(lane.Holders[0])}. {Waiters(lane)}.", $"See what that does: 'fletcher runs show {lane.Holders[0].RunId}'.");
        return null;
    }

    private static string Waiters(LimitLaneRecord lane) => $"{Readable.Plural(lane.WaiterCount, "waits", "wait")} for it";
}
