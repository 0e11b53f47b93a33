using System.Globalization;

namespace Fletcher.Scheduling;

/// <summary>Words for descriptions of schedules.</summary>
internal static class Phrase
{
    /// <summary>Lists with more are not read but skipped; then the expression itself says more.</summary>
    internal const int MostInList = 6;

    private static readonly string[] Nth = ["", "first", "second", "third", "fourth", "fifth"];

    internal static string List(IEnumerable<string> items)
    {
        var all = items.ToList();
        return all.Count < 2 ? string.Concat(all) : $"{string.Join(", ", all.SkipLast(1))} and {all[^1]}";
    }

    /// <summary>1st, 2nd, 3rd, 11th.</summary>
    internal static string Ordinal(int number)
    {
        var suffix = (number % 100) is >= 11 and <= 13 ? "th" : (number % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" };
        return Number(number) + suffix;
    }

    /// <summary>first, last, last but one is not: null.</summary>
    internal static string? Position(int number) => number is >= 1 and <= 5 ? Nth[number] : number == -1 ? "last" : null;

    internal static string Time(int hour, int minute, int second = 0) => second == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{hour:00}:{minute:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{hour:00}:{minute:00}:{second:00}");

    internal static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>"day", "2 days".</summary>
    internal static string Amount(long number, string unit) => number == 1 ? unit : $"{Number(number)} {unit}s";

    internal static string Month(int month) => CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(month);

    /// <summary>Sunday is 0.</summary>
    internal static string Day(int day) => CultureInfo.InvariantCulture.DateTimeFormat.GetDayName((DayOfWeek)(day % 7));

    /// <summary>"on Mondays and Fridays", "from Monday to Friday". Sunday is 0.</summary>
    internal static string Days(IReadOnlyCollection<int> days)
    {
        var fromMonday = days.Select(day => (day + 6) % 7).Order().ToList();
        return fromMonday.Count >= 3 && fromMonday[^1] - fromMonday[0] == fromMonday.Count - 1
            ? $"from {Day(fromMonday[0] + 1)} to {Day(fromMonday[^1] + 1)}"
            : "on " + List(fromMonday.Select(day => Day(day + 1) + "s"));
    }

    /// <summary>A length of time in its largest units: "1 hour and 30 minutes"; for "every", a one is left out.</summary>
    internal static string Length(TimeSpan length)
    {
        var parts = new List<string>();
        var seconds = length.Ticks / TimeSpan.TicksPerSecond;
        foreach (var (unit, size) in new[] { ("day", 86400L), ("hour", 3600L), ("minute", 60L), ("second", 1L) })
        {
            if (seconds / size is > 0 and var count)
                parts.Add($"{Number(count)} {unit}{(count == 1 ? "" : "s")}");
            seconds %= size;
        }

        if (length.Ticks % TimeSpan.TicksPerSecond != 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{length.Ticks % TimeSpan.TicksPerSecond / (double)TimeSpan.TicksPerMillisecond:0.####} ms"));
        return List(parts);
    }
}
