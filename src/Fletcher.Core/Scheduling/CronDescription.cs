namespace Fletcher.Scheduling;

/// <summary>A cron expression in English; what has no short phrase is shown as it was written, never guessed.</summary>
internal static class CronDescription
{
    internal static string Of(CronRecurrence cron)
    {
        var second = cron.Fields.Count == 6 ? cron.Fields[0] : null;
        var time = TimePhrase(second, cron.Fields[^5], cron.Fields[^4]);
        var day = DayPhrase(cron);
        if (time is null || day is null)
            return $"by the cron expression '{cron.Text}'";
        return day == "every day" && time.StartsWith("every", StringComparison.Ordinal) ? time : $"{time} {day}";
    }

    private static string? TimePhrase(CronField? second, CronField minute, CronField hour)
    {
        if (second is not null && second.Numbers is not [0])
            return SecondPhrase(second, minute, hour);
        if (hour.IsAny)
            return MinutePhrase(minute);
        if (minute.Numbers.Length * hour.Numbers.Length <= Phrase.MostInList)
            return "at " + Phrase.List(hour.Numbers.SelectMany(h => minute.Numbers.Select(m => Phrase.Time(h, m))));
        if (IsRun(hour.Numbers))
            return HoursPhrase(minute, hour.Numbers[0], hour.Numbers[^1]);
        return minute.Numbers.Length == 1 && StepOf(hour) is { } step
            ? $"at minute {Phrase.Number(minute.Numbers[0])} of every {Phrase.Ordinal(step)} hour from {Phrase.Time(0, minute.Numbers[0])} on"
            : null;
    }

    private static string? SecondPhrase(CronField second, CronField minute, CronField hour)
    {
        if (minute.IsAny && hour.IsAny)
            return second.IsAny ? "every second" : StepOf(second) is { } step ? $"every {Phrase.Number(step)} seconds" : null;
        return second.Numbers.Length * minute.Numbers.Length * hour.Numbers.Length <= Phrase.MostInList
            ? "at " + Phrase.List(hour.Numbers.SelectMany(h => minute.Numbers.SelectMany(m => second.Numbers.Select(s => Phrase.Time(h, m, s)))))
            : null;
    }

    private static string? MinutePhrase(CronField minute)
    {
        if (minute.IsAny)
            return "every minute";
        if (StepOf(minute) is { } step)
            return $"every {Phrase.Number(step)} minutes";
        if (minute.Numbers.Length > Phrase.MostInList)
            return null;
        return $"at minute{(minute.Numbers.Length == 1 ? "" : "s")} {Phrase.List(minute.Numbers.Select(number => Phrase.Number(number)))} of every hour";
    }

    private static string? HoursPhrase(CronField minute, int first, int last)
    {
        var span = $"from {Phrase.Time(first, minute.Numbers[0])} to {Phrase.Time(last, minute.Numbers[^1])}";
        return minute.IsAny ? $"every minute {span}"
            : minute.Numbers.Length == 1 ? $"every hour {span}"
            : StepOf(minute) is { } step ? $"every {Phrase.Number(step)} minutes {span}"
            : null;
    }

    private static string? DayPhrase(CronRecurrence cron)
    {
        var (dayOfMonth, month, dayOfWeek) = (cron.Fields[^3], cron.Fields[^2], cron.Fields[^1]);
        if (month.Numbers.Length > Phrase.MostInList && !month.IsAny)
            return null;
        var months = month.IsAny ? "every month" : Phrase.List(month.Numbers.Select(Phrase.Month));
        var inMonths = month.IsAny ? "" : $" in {months}";
        if (dayOfMonth.IsAny && dayOfWeek.IsAny)
            return "every day" + inMonths;

        var byMonth = DayOfMonthPhrase(dayOfMonth, months);
        var byWeek = DayOfWeekPhrase(dayOfWeek, months, inMonths);
        if (cron.FiresOnEitherDay)
            return dayOfMonth.IsAny || dayOfWeek.IsAny ? "every day" + inMonths : byMonth is null || byWeek is null ? null : $"{byMonth}, and also {byWeek}";
        return dayOfWeek.IsAny ? byMonth : dayOfMonth.IsAny ? byWeek : null;
    }

    private static string? DayOfMonthPhrase(CronField field, string months)
    {
        if (field.Special is null)
        {
            return field.Numbers.Length > Phrase.MostInList
                ? null
                : $"on the {Phrase.List(field.Numbers.Select(Phrase.Ordinal))} of {months}";
        }

        return field.Special switch
        {
            "L" => $"on the last day of {months}",
            "LW" => $"on the last weekday of {months}",
            _ when field.Special[^1] == 'W' && char.IsDigit(field.Special[0]) =>
                $"on the weekday nearest the {Phrase.Ordinal(int.Parse(field.Special[..^1], System.Globalization.CultureInfo.InvariantCulture))} of {months}",
            _ => null,
        };
    }

    private static string? DayOfWeekPhrase(CronField field, string months, string inMonths)
    {
        if (field.Special is null)
            return field.IsAny ? "every day" + inMonths : Phrase.Days(field.Numbers) + inMonths;
        var day = Phrase.Day(field.Special[0] - '0');
        return $"on the {(field.Special[1] == 'L' ? "last" : Phrase.Position(field.Special[2] - '0'))} {day} of {months}";
    }

    // A step that fits its hour or day, from zero: only then it is "every so often" without a jump at the end.
    private static int? StepOf(CronField field)
    {
        var numbers = field.Numbers;
        if (numbers.Length < 2 || numbers[0] != 0)
            return null;
        var step = numbers[1];
        return field.Kind.Count % step == 0 && numbers.Length == field.Kind.Count / step && numbers.Select((number, i) => number == i * step).All(fits => fits) ? step : null;
    }

    private static bool IsRun(int[] numbers) => numbers.Length > 1 && numbers[^1] - numbers[0] == numbers.Length - 1;
}
