using NodaTime;

namespace Fletcher.Scheduling.Tests;

/// <summary>Every change of a clock in the IANA database, 2000 to 2040. Everyday a sample of them, with FLETCHER_TEST_LONG=1 all.</summary>
internal static class ZoneChanges
{
    // The kinds there are: whole and half hours, both hemispheres, at midnight, a day left out, a month without, two in a week.
    private static readonly string[] Always =
    [
        "Europe/Berlin", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut", "Africa/Cairo",
        "Pacific/Apia", "Africa/Casablanca", "America/St_Johns", "Asia/Tehran", "Antarctica/Troll", "America/Caracas", "Asia/Pyongyang",
    ];

    internal static bool IsLong => Environment.GetEnvironmentVariable("FLETCHER_TEST_LONG") == "1";

    internal static IReadOnlyList<(DateTimeZone Zone, Instant At)> All { get; } = Find();

    /// <summary>All, or of the kinds that there are one in ten and of the other zones one in two hundred; which ones is chance, by the seed.</summary>
    internal static IEnumerable<(DateTimeZone Zone, Instant At)> Some(int seed)
    {
        var random = new Random(seed);
        return All.Where(change => IsLong || random.Next(Always.Contains(change.Zone.Id) ? 10 : 200) == 0
            || (change.Zone.Id is "Pacific/Apia" or "Asia/Pyongyang" or "America/Caracas" && change.At.InUtc().Year is 2007 or 2011 or 2015 or 2016 or 2018));
    }

    private static List<(DateTimeZone, Instant)> Find()
    {
        var begin = Instant.FromUtc(2000, 1, 1, 0, 0);
        var end = Instant.FromUtc(2041, 1, 1, 0, 0);
        return
        [
            .. DateTimeZoneProviders.Tzdb.Ids.Select(id => DateTimeZoneProviders.Tzdb[id])
                .SelectMany(zone => zone.GetZoneIntervals(begin, end)
                    .Where(interval => interval.HasStart && interval.Start > begin)
                    .Select(interval => (zone, interval.Start))),
        ];
    }
}
