using System.Globalization;
using Fletcher.Diagnosis;
using NodaTime;
using NodaTime.Text;

namespace Fletcher.Scheduling;

/// <summary>Reads <c>every 15m</c>, <c>every 2 days at 06:00</c>, <c>every 1h30m anchor 2026-01-01T00:10</c>.</summary>
internal static class IntervalReader
{
    private const string Keyword = "every";
    private const string Units = "s, m, h, d or w";

    private static readonly (string Name, long Seconds)[] UnitNames =
    [
        ("s", 1), ("sec", 1), ("secs", 1), ("second", 1), ("seconds", 1), ("m", 60), ("min", 60), ("mins", 60), ("minute", 60), ("minutes", 60),
        ("h", 3600), ("hr", 3600), ("hrs", 3600), ("hour", 3600), ("hours", 3600), ("d", 86400), ("day", 86400), ("days", 86400),
        ("w", 604800), ("week", 604800), ("weeks", 604800),
    ];

    private static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    private static readonly LocalDateTimePattern[] AnchorPatterns =
    [
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd"), LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss"),
    ];

    internal static bool Is(ScheduleText.Part first) => first.Text.Equals(Keyword, StringComparison.OrdinalIgnoreCase);

    internal static IntervalRecurrence Read(ScheduleText text, DateTimeZone zone)
    {
        var parts = text.Parts().Skip(1).ToList();
        var behind = parts.FindIndex(part => IsWord(part, "at") || IsWord(part, "anchor"));
        var amount = behind < 0 ? parts : parts[..behind];
        var interval = ReadAmount(text, amount);
        var anchor = IntervalRecurrence.DefaultAnchor;
        if (behind >= 0)
            anchor = ReadAnchor(text, parts[behind..], interval);
        return new IntervalRecurrence(TextOf(interval, anchor), interval, anchor, zone);
    }

    /// <summary>How an interval is written.</summary>
    internal static string TextOf(TimeSpan interval, LocalDateTime anchor)
    {
        var text = Keyword + " " + AmountOf(interval);
        if (anchor == IntervalRecurrence.DefaultAnchor)
            return text;
        return anchor.Date == IntervalRecurrence.DefaultAnchor.Date && interval.Ticks % TimeSpan.TicksPerDay == 0
            ? $"{text} at {anchor.TimeOfDay.ToString(anchor.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture)}"
            : $"{text} anchor {anchor.ToString("uuuu-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)}";
    }

    /// <summary>Why an interval cannot be used; null when it can.</summary>
    internal static string? Fault(TimeSpan interval)
    {
        if (interval < TimeSpan.FromSeconds(1) || interval > Longest)
            return "Allowed are 1s to 36500d.";
        return interval.Ticks % TimeSpan.TicksPerSecond != 0 ? "Allowed are whole seconds." : null;
    }

    private static string AmountOf(TimeSpan interval)
    {
        var seconds = interval.Ticks / TimeSpan.TicksPerSecond;
        var text = "";
        foreach (var (unit, size) in new[] { ("d", 86400L), ("h", 3600L), ("m", 60L), ("s", 1L) })
        {
            if (seconds / size > 0)
                text += (seconds / size).ToString(CultureInfo.InvariantCulture) + unit;
            seconds %= size;
        }

        return text;
    }

    private static TimeSpan ReadAmount(ScheduleText text, List<ScheduleText.Part> parts)
    {
        if (parts.Count == 0)
            throw text.Refusal(text.Text.TrimEnd().Length, "interval", $"behind 'every' a number and a unit are missing, such as 'every 15m'. Units are {Units}.");

        var begin = parts[0].Position;
        var end = parts[^1].Position + parts[^1].Text.Length;
        var seconds = 0L;
        var largest = long.MaxValue;
        for (var at = begin; at < end;)
        {
            var (number, behindNumber) = ReadNumber(text, at, end, isFirst: at == begin);
            var (unit, behindUnit) = ReadUnit(text, behindNumber, end);
            if (unit >= largest)
                throw text.Refusal(behindNumber, "interval", "a unit stands behind one that is not larger. Write the largest first, such as 1h30m.");
            largest = unit;
            // Far below what overflows, far above what is allowed.
            seconds = Math.Min(seconds + Math.Min(number, 10_000_000_000) * unit, 1L << 38);
            at = SkipSpace(text, behindUnit, end);
        }

        var interval = TimeSpan.FromSeconds(seconds);
        return Fault(interval) is { } fault ? throw text.Refusal(begin, "interval", $"'{text.Text[begin..end]}' is out of range. {fault}") : interval;
    }

    private static (long Number, int Behind) ReadNumber(ScheduleText text, int at, int end, bool isFirst)
    {
        var behind = at;
        while (behind < end && char.IsAsciiDigit(text.Text[behind]))
            behind++;
        // "every day" is every 1 day.
        if (behind == at && isFirst && char.IsAsciiLetter(text.Text[at]))
            return (1, at);
        if (behind == at)
            throw text.Refusal(at, "interval", $"a whole number is expected, not '{text.Text[at..end]}', such as in 'every 15m'.");
        var read = long.TryParse(text.Text.AsSpan(at, behind - at), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        if (behind < end && text.Text[behind] is '.' or ',')
            throw text.Refusal(behind, "interval", "only whole numbers are allowed: write 1h30m for one and a half hours.");
        return (read ? number : long.MaxValue, SkipSpace(text, behind, end));
    }

    private static (long Seconds, int Behind) ReadUnit(ScheduleText text, int at, int end)
    {
        var behind = at;
        while (behind < end && char.IsLetter(text.Text[behind]))
            behind++;
        var name = text.Text[at..behind];
        foreach (var (known, seconds) in UnitNames)
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
                return (seconds, behind);
        }

        if (name.StartsWith("mo", StringComparison.OrdinalIgnoreCase) || name.StartsWith('y') || name.StartsWith("quarter", StringComparison.OrdinalIgnoreCase))
            throw text.Refusal(at, "interval", $"'{name}' has no fixed length. Use a cron expression such as '0 0 1 * *' or a rule such as 'RRULE:FREQ=MONTHLY;BYMONTHDAY=1'. Units are {Units}.");
        var near = name.Length > 2 ? SimilarName.Find(name, UnitNames.Select(unit => unit.Name).Where(unit => unit.Length > 2)) : null;
        throw text.Refusal(at, "interval", (name.Length == 0 ? "the unit is missing." : $"'{name}' is no unit.") + $" Units are {Units}.{(near is null ? "" : $" Did you mean '{near}'?")}");
    }

    private static LocalDateTime ReadAnchor(ScheduleText text, List<ScheduleText.Part> parts, TimeSpan interval)
    {
        var (word, isTime) = (parts[0], IsWord(parts[0], "at"));
        if (parts.Count < 2)
            throw text.Refusal(word.Position + word.Text.Length, word.Text, isTime ? "a time of day is missing, such as 06:00." : "a date is missing, such as 2026-01-01T06:00.");
        if (parts.Count > 2)
            throw text.Refusal(parts[2].Position, word.Text, $"behind '{parts[1].Text}' nothing may follow.");
        if (isTime && interval.Ticks % TimeSpan.TicksPerDay != 0)
            throw text.Refusal(word.Position, "at", "a time of day can be given for whole days only. For shorter intervals give an anchor, such as 'anchor 2026-01-01T00:10'.");

        var value = parts[1];
        if (isTime)
        {
            return TimeOnly.TryParseExact(value.Text, ["H:mm", "H:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
                ? IntervalRecurrence.DefaultAnchor.Date + LocalTime.FromTimeOnly(time)
                : throw text.Refusal(value.Position, "at", $"'{value.Text}' is no time of day. Allowed are 00:00 to 23:59, or 00:00:00 to 23:59:59.");
        }

        foreach (var pattern in AnchorPatterns)
        {
            if (pattern.Parse(value.Text) is { Success: true, Value: { Year: > 1 and < 9999 } anchor })
                return anchor;
        }

        throw text.Refusal(value.Position, "anchor", $"'{value.Text}' is no local date and time of the years 2 to 9998. Write it like 2026-01-01T06:00, without an offset: it is read in the schedule's zone.");
    }

    private static bool IsWord(ScheduleText.Part part, string word) => part.Text.Equals(word, StringComparison.OrdinalIgnoreCase);

    private static int SkipSpace(ScheduleText text, int at, int end)
    {
        while (at < end && char.IsWhiteSpace(text.Text[at]))
            at++;
        return at;
    }
}
