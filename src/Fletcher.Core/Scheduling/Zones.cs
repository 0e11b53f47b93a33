using Fletcher.Diagnosis;
using NodaTime;
using NodaTime.TimeZones;

namespace Fletcher.Scheduling;

/// <summary>
/// The zones of the IANA database that NodaTime carries. The operating system's are never asked, so that all hosts decide alike.
/// </summary>
internal static class Zones
{
    internal const string RefusedZone = "FLT1702";

    internal static DateTimeZone Find(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        // The provider would also take offsets such as UTC+02: those are no zones of the database, and know no daylight saving.
        if (TzdbDateTimeZoneSource.Default.CanonicalIdMap.ContainsKey(id))
            return DateTimeZoneProviders.Tzdb[id];

        var meant = Suggestion(id);
        throw new ScheduleFormatException(RefusedZone, id, 0, "zone",
            $"there is no zone '{id}' in the IANA time zone database {TzdbDateTimeZoneSource.Default.TzdbVersion}. "
            + (meant is null ? "Allowed are its ids, such as Europe/Berlin or UTC." : $"Did you mean '{meant}'?"));
    }

    private static string? Suggestion(string id)
    {
        if (DateTimeZoneProviders.Tzdb.Ids.FirstOrDefault(known => known.Equals(id, StringComparison.OrdinalIgnoreCase)) is { } other)
            return other;
        if (TzdbDateTimeZoneSource.Default.WindowsMapping.PrimaryMapping.TryGetValue(id, out var iana))
            return iana;
        var city = id.Replace(' ', '_');
        return city.Length == 0
            ? null
            : DateTimeZoneProviders.Tzdb.Ids.Where(known => known.EndsWith("/" + city, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).FirstOrDefault()
                ?? SimilarName.Find(city, DateTimeZoneProviders.Tzdb.Ids.Order(StringComparer.Ordinal));
    }
}
