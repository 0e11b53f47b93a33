using System.Globalization;

namespace Fletcher.Scheduling;

/// <summary>An RFC 5545 recurrence in English; what has no short phrase is shown as it was written, never guessed.</summary>
internal static class RuleDescription
{
    internal static string Of(RuleParts rule)
    {
        var core = rule.Pattern is null ? Dates(rule) : rule.IsSubDaily ? SubDaily(rule) : Days(rule);
        if (core is null)
            return $"by the rule '{rule.Text.ReplaceLineEndings(" ")}'";

        if (rule.Pattern is not null && (rule.HasStart || rule.Interval > 1))
            core += rule.HasStart ? $", from {rule.StartText} on" : $", counted from {rule.StartText}";
        if (rule.Count is { } count)
            core += $", {(count == 1 ? "once" : $"{Phrase.Number(count)} times")}";
        if (rule.UntilLocal is { } local)
            core += $", until {local.ToString("uuuu-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}";
        if (rule.UntilInstant is { } instant)
            core += $", until {instant.ToString("uuuu-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC";
        if (rule.Pattern is not null && rule.AddedTimes.Count > 0)
            core += $", and at {Phrase.Number(rule.AddedTimes.Count)} added {(rule.AddedTimes.Count == 1 ? "time" : "times")}";
        if (rule.ExcludedTimes.Count + rule.ExcludedDates.Count is > 0 and var excluded)
            core += $", without {Phrase.Number(excluded)} excluded {(excluded == 1 ? "date" : "dates")}";
        return core;
    }

    private static string? Dates(RuleParts rule) => rule.AddedTimes.Count > Phrase.MostInList
        ? null
        : "at " + Phrase.List(rule.AddedTimes.Select(time => time.ToString("uuuu-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)));

    private static string? SubDaily(RuleParts rule)
    {
        if (rule.By.Count > 0 || rule.Days.Count > 0)
            return null;
        return "every " + Phrase.Amount(rule.Interval, rule.Frequency switch
        {
            RuleFrequency.Hourly => "hour",
            RuleFrequency.Minutely => "minute",
            _ => "second",
        });
    }

    private static string? Days(RuleParts rule)
    {
        if (rule.By.Keys.Any(name => name is "BYSETPOS" or "BYWEEKNO" or "BYYEARDAY") || Times(rule) is not { } times)
            return null;
        var days = rule.Frequency switch
        {
            RuleFrequency.Daily => Daily(rule),
            RuleFrequency.Weekly => Weekly(rule),
            RuleFrequency.Monthly => Monthly(rule),
            _ => Yearly(rule),
        };
        return days is null ? null : $"at {times} {days}";
    }

    private static string? Times(RuleParts rule)
    {
        int[] Or(string part, int number) => rule.Of(part) is { Length: > 0 } numbers ? numbers : [number];
        var (hours, minutes, seconds) = (Or("BYHOUR", rule.Start.Hour), Or("BYMINUTE", rule.Start.Minute), Or("BYSECOND", rule.Start.Second));
        return hours.Length * minutes.Length * seconds.Length > Phrase.MostInList
            ? null
            : Phrase.List(hours.SelectMany(h => minutes.SelectMany(m => seconds.Select(s => Phrase.Time(h, m, s)))));
    }

    private static string? Daily(RuleParts rule)
    {
        if (rule.By.Keys.Any(name => name is "BYMONTHDAY" or "BYMONTH"))
            return null;
        if (rule.Days.Count == 0)
            return "every " + Phrase.Amount(rule.Interval, "day");
        return rule.Interval == 1 ? Phrase.Days(DayNumbers(rule)) : null;
    }

    private static string? Weekly(RuleParts rule)
    {
        if (rule.By.ContainsKey("BYMONTH"))
            return null;
        var days = Phrase.Days(rule.Days.Count > 0 ? DayNumbers(rule) : [(int)rule.Start.DayOfWeek % 7]);
        return rule.Interval == 1 ? days : $"{days} of every {Phrase.Ordinal(rule.Interval)} week";
    }

    private static string? Monthly(RuleParts rule)
    {
        if (rule.By.ContainsKey("BYMONTH") || DayOfMonth(rule) is not { } day)
            return null;
        return rule.Interval == 1 ? $"{day} of every month" : $"{day} of every {Phrase.Ordinal(rule.Interval)} month";
    }

    private static string? Yearly(RuleParts rule)
    {
        var months = rule.Of("BYMONTH");
        if (months.Length > Phrase.MostInList)
            return null;
        // Without a month, days are counted through the year.
        if (months.Length == 0)
        {
            return rule.By.ContainsKey("BYMONTHDAY") || rule.Days.Count > 0
                ? null
                : $"on the {Phrase.Ordinal(rule.Start.Day)} of {Phrase.Month(rule.Start.Month)} every {Phrase.Amount(rule.Interval, "year")}";
        }

        return DayOfMonth(rule) is { } day ? $"{day} of {Phrase.List(months.Select(Phrase.Month))} every {Phrase.Amount(rule.Interval, "year")}" : null;
    }

    private static string? DayOfMonth(RuleParts rule)
    {
        var days = rule.Of("BYMONTHDAY");
        if (rule.Days.Count > 0)
        {
            var named = rule.Days.Select(day => (Position: Phrase.Position(day.Ordinal), day.Day)).ToList();
            return days.Length > 0 || named.Count > Phrase.MostInList || named.Any(day => day.Position is null)
                ? null
                : "on the " + Phrase.List(named.Select(day => $"{day.Position} {day.Day}"));
        }

        if (days.Length == 0)
            days = [rule.Start.Day];
        return days.Length > Phrase.MostInList || days.Any(day => day < -1)
            ? null
            : "on the " + Phrase.List(days.OrderBy(day => day < 0).ThenBy(day => day).Select(day => day < 0 ? "last day" : Phrase.Ordinal(day)));
    }

    private static int[] DayNumbers(RuleParts rule) => [.. rule.Days.Select(day => (int)day.Day % 7).Distinct()];
}
