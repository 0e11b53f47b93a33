using System.Globalization;
using Fletcher.Model;

namespace Fletcher.Storage;

/// <summary>
/// What a store keeps of one key of a limit beside its places, and the rules by which it starts whom: pure arithmetic, so that all stores decide the same. All
/// times are whole microseconds since 1970 (UTC) by the store's clock. See <see cref="ILimitStore"/> for how a store uses it.
/// </summary>
/// <param name="limit">The limit's name.</param>
/// <param name="key">The key.</param>
public sealed class LimitLane(string limit, string key)
{
    /// <summary>So many failures are remembered; older ones are forgotten, also within the window.</summary>
    private const int MostFailures = 256;

    /// <summary>How long a breaker that opened, and that nobody came to probe, is remembered.</summary>
    private static readonly TimeSpan LongestMemory = TimeSpan.FromDays(31);

    /// <summary>The limit's name.</summary>
    public string Limit { get; } = limit;

    /// <summary>The key.</summary>
    public string Key { get; } = key;

    /// <summary>The bucket of the rate; null while nobody has taken from it, which is a full one.</summary>
    public TokenBucket? Bucket { get; set; }

    /// <summary>Until when the breaker is open at the least; null while it is closed.</summary>
    public long? OpenUntil { get; set; }

    /// <summary>Why it is open.</summary>
    public string? OpenReason { get; set; }

    /// <summary>The place that was let start to find out whether the breaker may close; null while none is.</summary>
    public Guid? Probe { get; set; }

    /// <summary>The failures that may still open the breaker, oldest first.</summary>
    public IReadOnlyList<LimitFailure> Failures { get; set; } = [];

    /// <summary>When somebody must look at it again although nobody releases anything; null when nobody must.</summary>
    public long? DueAt { get; set; }

    /// <summary>Whether a start asks how many slots are taken.</summary>
    public static bool CountsSlots(LimitSettings? settings) => settings?.Slots is not null;

    /// <summary>How long it is to a moment; nothing when it has come.</summary>
    public static TimeSpan Until(long due, long now) => TimeSpan.FromMicroseconds(Math.Max(0, due - now));

    /// <summary>Begins to look at it: what the settings do not ask for any more is forgotten, and so is a probe that went away without an end.</summary>
    /// <param name="settings">The limit; null when it is not defined any more.</param>
    /// <param name="probeIsThere">Whether there still is a place with the id of <see cref="Probe"/>.</param>
    public void Begin(LimitSettings? settings, bool probeIsThere)
    {
        DueAt = null;
        if (settings?.Rate is null)
            Bucket = null;
        if (settings?.Breaker is null)
            Close();
        else if (!probeIsThere)
            Probe = null;
    }

    /// <summary>Whether the first waiter may start now; then the bucket and the breaker know that it did. Otherwise <see cref="DueAt"/> says when to look again.</summary>
    /// <param name="settings">The limit; null when it is not defined any more, which holds nobody.</param>
    /// <param name="first">The first waiter.</param>
    /// <param name="taken">How many slots those who have started hold.</param>
    /// <param name="now">The time.</param>
    /// <returns>How many slots it holds from now on; null when it waits.</returns>
    public int? TryStart(LimitSettings? settings, LimitPlace first, long taken, long now)
    {
        ArgumentNullException.ThrowIfNull(first);
        if (OpenUntil is { } until)
        {
            if (now < until)
            {
                DueAt = until;
                return null;
            }

            if (Probe is not null)
                return null;
        }

        var weight = first.Weight;
        if (settings?.Slots is { } slots)
        {
            weight = Math.Min(weight, slots);
            if (weight == 0 || taken + weight > slots)
                return null;
        }

        if (settings?.Rate is { } rate)
        {
            DueAt = (Bucket ?? TokenBucket.Full(rate, now)).Take(rate, first.Weight, now, out var bucket);
            Bucket = bucket;
            if (DueAt is not null)
                return null;
        }

        if (OpenUntil is not null)
            Probe = first.Id;
        return weight;
    }

    /// <summary>Notes how somebody ended who had started.</summary>
    /// <param name="settings">The limit; null when it is not defined any more.</param>
    /// <param name="place">Who.</param>
    /// <param name="leave">How.</param>
    /// <param name="now">The time.</param>
    public void End(LimitSettings? settings, LimitPlace place, LimitLeave leave, long now)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(leave);
        if (settings?.Breaker is not { } breaker)
            return;

        var kind = leave.Kind ?? "an error";
        if (OpenUntil is not null)
        {
            if (Probe != place.Id)
                return;
            Probe = null;
            if (leave.End == LimitEnd.Succeeded)
                Close();
            else if (leave.End == LimitEnd.Failed)
                Open(breaker, $"the probe '{place.Starter}' failed with {kind}", now);
        }
        else if (leave.End == LimitEnd.Failed)
        {
            Fail(breaker, new LimitFailure(now, place.Starter, kind));
        }
    }

    /// <summary>Ends the look at it.</summary>
    /// <param name="settings">The limit; null when it is not defined any more.</param>
    /// <param name="isEmpty">Whether nobody has started or waits.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether there is nothing left to be known of it, so that the store forgets it.</returns>
    public bool Finish(LimitSettings? settings, bool isEmpty, long now)
    {
        if (!isEmpty)
            return false;

        long? until = null;
        if (Bucket is { } bucket && settings?.Rate is { } rate && bucket.FullAt(rate, now) is var full && full > now)
            until = full;
        if (settings?.Breaker is { } breaker)
        {
            // An open breaker closes by a probe only, so it is remembered until somebody comes; not for ever, or keys that nobody uses any more would add up.
            if (OpenUntil is { } open)
                until = open + Micros(LongestMemory) is var end && end > now ? end : null;
            else if (Failures.Count > 0 && Failures[^1].At + Micros(breaker.Window) is var last && last > now)
                until = Math.Max(until ?? 0, last);
        }

        DueAt = until;
        return until is null;
    }

    /// <summary>Makes what it has in its bucket up to now that of the settings that end now.</summary>
    public void Refill(LimitSettings? before, long now)
    {
        if (before?.Rate is { } rate)
            Bucket = Bucket?.Refill(rate, now);
    }

    /// <summary>An instant as the lanes count it.</summary>
    public static long Microseconds(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The instant of a number of microseconds.</summary>
    public static DateTimeOffset Instant(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    private void Fail(LimitBreaker breaker, LimitFailure failure)
    {
        var from = failure.At - Micros(breaker.Window);
        Failures = [.. Failures.Where(earlier => earlier.At > from).Append(failure).TakeLast(MostFailures)];
        if (Failures.Count(other => other.Starter == failure.Starter && other.Kind == failure.Kind) >= breaker.Failures)
            Open(breaker, string.Create(CultureInfo.InvariantCulture, $"'{failure.Starter}' failed {breaker.Failures} times within {breaker.Window} with {failure.Kind}"), failure.At);
    }

    private void Open(LimitBreaker breaker, string reason, long now)
    {
        OpenUntil = now + Micros(breaker.OpenFor);
        OpenReason = reason;
        Failures = [];
    }

    private void Close()
    {
        (OpenUntil, OpenReason, Probe) = (null, null, null);
        Failures = [];
    }

    private static long Micros(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
