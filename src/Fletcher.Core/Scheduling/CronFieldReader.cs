using System.Globalization;
using System.Text.RegularExpressions;
using Fletcher.Diagnosis;

namespace Fletcher.Scheduling;

/// <summary>Reads one field of a cron expression: lists, ranges (also ones that wrap), steps, names, and the special days.</summary>
internal sealed partial class CronFieldReader(ScheduleText text, CronFieldKind kind)
{
    internal CronField Read(ScheduleText.Part field)
    {
        if (ReadSpecial(field) is { } special)
            return new CronField(kind, field, 0, special, HasStep: false);

        var values = 0UL;
        var hasStep = false;
        foreach (var term in field.Split(','))
        {
            if (term.Text.Length == 0)
                throw Refusal(term, $"a value is missing beside the comma. Allowed are {kind.Allowed}.");
            values |= ReadTerm(term, ref hasStep);
        }

        return new CronField(kind, field, values, null, hasStep);
    }

    private ulong ReadTerm(ScheduleText.Part term, ref bool hasStep)
    {
        var slash = term.Text.IndexOf('/', StringComparison.Ordinal);
        var range = slash < 0 ? term : term.To(slash);
        var step = slash < 0 ? 1 : ReadStep(term.From(slash + 1));
        if (range.Text is "*" or "?")
        {
            if (range.Text == "?" && (kind != CronFieldKind.DayOfMonth && kind != CronFieldKind.DayOfWeek))
                throw Refusal(range, "'?' can stand for the day of month or the day of week only. Write '*'.");
            hasStep = true;
            return Bits(kind.Min, kind.Max, step);
        }

        // A minus in front is no range, but a number out of range: the message should say so.
        var minus = range.Text.IndexOf('-', Math.Min(1, range.Text.Length));
        var low = ReadValue(minus < 0 ? range : range.To(minus));
        hasStep |= slash >= 0;
        if (minus < 0)
            return slash < 0 ? kind.BitOf(low) : Bits(low, kind.Max, step);

        var high = ReadValue(range.From(minus + 1));
        // 22-2 goes on over midnight; sat-sun over the end of the week.
        return Bits(low, high < low ? high + kind.Count : high, step);
    }

    private ulong Bits(int low, int high, int step)
    {
        var bits = kind.BitOf(low);
        for (var value = low; value <= high; value += step)
            bits |= kind.BitOf(value);
        return bits;
    }

    private int ReadStep(ScheduleText.Part part)
    {
        var most = kind.Max;
        if (!int.TryParse(part.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var step))
            throw Refusal(part, $"a step is a number from 1 to {most} behind the '/', not '{part.Text}'.");
        if (step < 1 || step > most)
        {
            var hint = kind == CronFieldKind.Minute && step >= 60
                ? step % 1440 == 0 ? $" Did you mean 'every {step / 1440}d'?" : $" Did you mean 'every {step}m'?"
                : kind == CronFieldKind.Hour && step >= 24 ? $" Did you mean 'every {step}h'?" : "";
            throw Refusal(part, $"a step of {step} leaves the field. Allowed are 1 to {most}.{hint}");
        }

        return step;
    }

    private int ReadValue(ScheduleText.Part part)
    {
        if (part.Text.Length == 0)
            throw Refusal(part, $"a value is missing. Allowed are {kind.Allowed}.");
        var name = Array.FindIndex(kind.Names, name => name.Equals(part.Text, StringComparison.OrdinalIgnoreCase));
        if (name >= 0)
            return kind.Min + name;
        if (int.TryParse(part.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return value >= kind.Min && value <= kind.Max
                ? value
                : throw Refusal(part, $"{value} is out of range. Allowed are {kind.Allowed}.{RangeHint(value)}");
        }

        throw Refusal(part, Unreadable(part.Text));
    }

    private string RangeHint(int value) =>
        kind == CronFieldKind.Hour && value == 24 ? " Midnight is 0."
        : kind == CronFieldKind.Minute && value == 60 ? " The full hour is 0."
        : kind == CronFieldKind.Month && value == 0 ? " January is 1."
        : "";

    private string Unreadable(string value)
    {
        var capitals = value.ToUpperInvariant();
        if (capitals == "H" || capitals.StartsWith("H(", StringComparison.Ordinal))
            return $"'H' is not supported: give a value, and the schedule a jitter, which spreads its starts. Allowed are {kind.Allowed}.";
        if (capitals[0] == '*')
            return $"'{value}' is not understood: behind '*' only a step may stand, such as '*/5'. Allowed are also {kind.Allowed}.";
        if (capitals.Any(letter => letter is 'L' or 'W' or '#') && kind.Names.Length == 0 && kind != CronFieldKind.DayOfMonth)
            return $"'{value}' is for days only. Allowed are {kind.Allowed}.";
        var full = kind.Names.FirstOrDefault(name => capitals.StartsWith(name, StringComparison.Ordinal)) ?? SimilarName.Find(value, kind.Names);
        return $"'{value}' is not understood. Allowed are {kind.Allowed}.{(full is null ? "" : $" Did you mean '{full}'?")}";
    }

    // L, L-3, LW, L-3W and 15W for days of the month; 5L and 5#2 for days of the week. Each stands alone.
    private string? ReadSpecial(ScheduleText.Part field)
    {
        var capitals = field.Text.ToUpperInvariant();
        if (kind == CronFieldKind.DayOfMonth && capitals.Any(letter => letter is 'L' or 'W'))
        {
            var match = SpecialDayOfMonth().Match(capitals);
            if (!match.Success)
                throw Refusal(field, "'L' and 'W' stand alone: L (last day), L-3 (three days before it), LW (last weekday) or 15W (weekday nearest the 15th).");
            CheckNumber(field, match.Groups["day"], 1, 31);
            CheckNumber(field, match.Groups["before"], 0, 30);
            return capitals;
        }

        if (kind != CronFieldKind.DayOfWeek || !(capitals.Contains('#', StringComparison.Ordinal) || (capitals.EndsWith('L') && !kind.Names.Contains(capitals))))
            return null;

        var special = SpecialDayOfWeek().Match(capitals);
        if (!special.Success)
            throw Refusal(field, "'L' and '#' stand alone behind one day: 5L (last Friday of the month) or 5#2 (second Friday).");
        var day = ReadValue(new ScheduleText.Part(special.Groups["day"].Value, field.Position));
        CheckNumber(field, special.Groups["nth"], 1, 5);
        return (day % 7).ToString(CultureInfo.InvariantCulture) + capitals[special.Groups["day"].Length..];
    }

    private void CheckNumber(ScheduleText.Part field, Group number, int min, int max)
    {
        if (!number.Success)
            return;
        if (!int.TryParse(number.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < min || value > max)
            throw Refusal(field.From(number.Index), $"{number.Value} is out of range. Allowed are {min} to {max} there.");
    }

    private ScheduleFormatException Refusal(ScheduleText.Part part, string reason) => text.Refusal(part.Position, kind.Name, reason);

    [GeneratedRegex("^(L(-(?<before>[0-9]+))?W?|(?<day>[0-9]+)W)$", RegexOptions.ExplicitCapture)]
    private static partial Regex SpecialDayOfMonth();

    [GeneratedRegex("^(?<day>[0-9A-Z]+?)(L|#(?<nth>[0-9]+))$", RegexOptions.ExplicitCapture)]
    private static partial Regex SpecialDayOfWeek();
}
