using System.Globalization;
using NodaTime;

namespace Fletcher.Scheduling;

/// <summary>An RFC 5545 recurrence as it was read: the RRULE's parts, and what stands beside it.</summary>
internal sealed record RuleParts
{
    internal required string Text { get; init; }

    /// <summary>The RRULE's value without UNTIL and COUNT; null when there are only RDATEs.</summary>
    internal string? Pattern { get; init; }

    internal required LocalDateTime Start { get; init; }

    internal bool HasStart { get; init; }

    internal RuleFrequency Frequency { get; init; }

    internal int Interval { get; init; } = 1;

    internal int? Count { get; init; }

    /// <summary>The last local time; a date means its whole day. At most one of the two is given.</summary>
    internal LocalDateTime? UntilLocal { get; init; }

    internal Instant? UntilInstant { get; init; }

    /// <summary>The numbers of the BY parts, by name. BYDAY's days are in <see cref="Days"/>.</summary>
    internal IReadOnlyDictionary<string, int[]> By { get; init; } = new Dictionary<string, int[]>();

    /// <summary>BYDAY: the day and its ordinal in the month or year, 0 for every one.</summary>
    internal IReadOnlyList<(int Ordinal, IsoDayOfWeek Day)> Days { get; init; } = [];

    internal IReadOnlySet<LocalDateTime> ExcludedTimes { get; init; } = new HashSet<LocalDateTime>();

    internal IReadOnlySet<LocalDate> ExcludedDates { get; init; } = new HashSet<LocalDate>();

    internal IReadOnlyList<LocalDateTime> AddedTimes { get; init; } = [];

    internal bool IsSubDaily => Pattern is not null && Frequency <= RuleFrequency.Hourly;

    internal int[] Of(string part) => By.TryGetValue(part, out var numbers) ? numbers : [];

    internal bool IsExcluded(LocalDateTime local) => ExcludedTimes.Contains(local) || ExcludedDates.Contains(local.Date);

    internal string StartText => Start.ToString(Start.Second == 0 ? "uuuu-MM-dd HH:mm" : "uuuu-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
