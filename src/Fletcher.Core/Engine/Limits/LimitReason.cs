using System.Globalization;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>Says in words what somebody waits for who waits for a limit.</summary>
internal static class LimitReason
{
    private const int MostNames = 3;

    /// <summary>
    /// How the lane stands that somebody waits in, as a sentence without its end: <c>waits for limit 'smtp' (2 of 2 held by 'Send' of run …)</c>.
    /// </summary>
    internal static async Task<string> ReadAsync(ILimitStore store, LimitPlace place)
    {
        await Task.Yield(); // who asks may hold a lock
        var limits = await store.GetLimitsAsync(CancellationToken.None).ConfigureAwait(false);
        var lanes = await store.GetLanesAsync(place.Limit, place.Key, null, 1, CancellationToken.None).ConfigureAwait(false);
        var settings = limits.FirstOrDefault(limit => limit.Name == place.Limit)?.Settings;
        return $"waits for {Name(place)} ({What(settings, lanes[0], await HoldersAsync(store, lanes[0]).ConfigureAwait(false))})";
    }

    /// <summary>The sentence with its end: how many were before it when it came.</summary>
    internal static string With(string reason, int before) =>
        before == 0 ? $"{reason}, next in line" : string.Create(CultureInfo.InvariantCulture, $"{reason}, {before:N0} before it");

    private static string What(LimitSettings? settings, LimitLaneRecord lane, string holders)
    {
        if (lane.OpenUntil is { } until)
            return string.Create(CultureInfo.InvariantCulture, $"its breaker is open because {lane.OpenReason}; one may try at {until:yyyy-MM-dd HH:mm:ss}Z");
        if (settings?.Slots is { } slots && (lane.HolderCount > 0 || slots == 0) && lane.DueIn is null)
            return slots == 0 ? "it has no slots" : string.Create(CultureInfo.InvariantCulture, $"{lane.Taken:N0} of {slots:N0} held by {holders}");
        if (settings?.Rate is { } rate)
            return string.Create(CultureInfo.InvariantCulture, $"{rate.Count:N0} per {Time(rate.Period)}; the next may start in {Time(lane.DueIn ?? TimeSpan.Zero)}");
        return "it is being given";
    }

    private static async ValueTask<string> HoldersAsync(ILimitStore store, LimitLaneRecord lane)
    {
        var shown = new List<string>();
        foreach (var holder in lane.Holders.Take(MostNames))
        {
            // What it waits for itself: when two wait for each other, this is where that can be seen.
            var wait = (await store.GetPlacesAsync(holder.RootRunId, CancellationToken.None).ConfigureAwait(false))
                .FirstOrDefault(other => other.GrantedAt is null && (other.Limit, other.Key) != (lane.Limit, lane.Key));
            shown.Add($"'{holder.Starter}' of run {holder.RunId}{(wait is null ? "" : $", which waits for {Name(wait)}")}");
        }

        var names = string.Join(", ", shown);
        var more = lane.HolderCount - shown.Count;
        return more > 0 ? string.Create(CultureInfo.InvariantCulture, $"{names} and {more:N0} more") : names;
    }

    private static string Name(LimitPlace place) => place.Key.Length == 0 ? $"limit '{place.Limit}'" : $"limit '{place.Limit}' for '{place.Key}'";

    private static string Time(TimeSpan time) => time == TimeSpan.FromMinutes(1) ? "minute"
        : time == TimeSpan.FromSeconds(1) ? "second"
        : time == TimeSpan.FromHours(1) ? "hour"
        : time == TimeSpan.FromDays(1) ? "day"
        : time < TimeSpan.FromMinutes(2) ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s")
        : time.ToString("c", CultureInfo.InvariantCulture);
}
