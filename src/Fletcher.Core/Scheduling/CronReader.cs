using Fletcher.Diagnosis;
using NodaTime;

namespace Fletcher.Scheduling;

/// <summary>Reads cron expressions of five or six fields, and the names that stand for some.</summary>
internal static class CronReader
{
    private static readonly (string Name, string Fields)[] Macros =
    [
        ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"), ("@monthly", "0 0 1 * *"), ("@weekly", "0 0 * * 0"), ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"), ("@hourly", "0 * * * *"), ("@every_minute", "* * * * *"), ("@every_second", "* * * * * *"),
    ];

    internal static CronRecurrence Read(ScheduleText text, DateTimeZone zone)
    {
        var parts = text.Parts().ToList();
        if (parts.Count == 0)
            throw text.Refusal(0, "expression", "it is empty. Allowed are a cron expression such as '0 6 * * *', an interval such as 'every 15m', or an RRULE.");
        if (parts[0].Text[0] == '@')
            return ReadMacro(text, parts, zone);
        if (parts.Count is not (5 or 6))
            throw text.Refusal(parts.Count > 6 ? parts[6].Position : text.Text.TrimEnd().Length, "expression", CountReason(parts));

        var kinds = CronFieldKind.Six[(6 - parts.Count)..];
        var fields = kinds.Select((kind, i) => new CronFieldReader(text, kind).Read(parts[i])).ToList();
        var recurrence = new CronRecurrence(string.Join(' ', parts.Select(part => part.Text)), fields, zone);
        if (!recurrence.EverFires)
        {
            var day = fields[^3];
            throw text.Refusal(day.Written.Position, day.Kind.Name,
                $"it never fires: '{day.Written.Text}' is in none of the months '{fields[^2].Written.Text}'. February has 28 or 29 days; April, June, September and November have 30.");
        }

        return recurrence;
    }

    private static CronRecurrence ReadMacro(ScheduleText text, List<ScheduleText.Part> parts, DateTimeZone zone)
    {
        var name = parts[0].Text;
        var macro = Macros.FirstOrDefault(macro => macro.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (macro.Name is null)
            throw text.Refusal(parts[0].Position, "name", MacroReason(name, parts));
        if (parts.Count > 1)
            throw text.Refusal(parts[1].Position, "expression", $"behind '{name}' nothing may follow.");

        var inner = Read(new ScheduleText(macro.Fields), zone);
        return new CronRecurrence(macro.Name, inner.Fields, zone);
    }

    private static string MacroReason(string name, List<ScheduleText.Part> parts)
    {
        var known = string.Join(", ", Macros.Select(macro => macro.Name));
        if (name.Equals("@reboot", StringComparison.OrdinalIgnoreCase))
            return $"'@reboot' is no time: start the flow where the program starts. Allowed are {known}.";
        if (name.Equals("@every", StringComparison.OrdinalIgnoreCase) && parts.Count > 1)
            return $"intervals are written without '@'. Did you mean 'every {parts[1].Text}'?";
        var near = SimilarName.Find(name, Macros.Select(macro => macro.Name));
        return $"there is no '{name}'. Allowed are {known}.{(near is null ? "" : $" Did you mean '{near}'?")}";
    }

    private static string CountReason(List<ScheduleText.Part> parts)
    {
        const string Allowed = "A cron expression has five (minute, hour, day of month, month, day of week) or six (second first)";
        if (parts.Count == 7)
            return $"there are 7 fields. {Allowed}; a year cannot be given: give the schedule a start and an end.";
        if (parts.Count < 5 && char.IsLetter(parts[0].Text[0]))
            return $"'{parts[0].Text}' begins no schedule. Allowed are a cron expression such as '0 6 * * *', an interval such as 'every 15m', a name such as '@daily', or an RRULE such as 'RRULE:FREQ=DAILY'.";
        return $"there {(parts.Count == 1 ? "is 1 field" : $"are {parts.Count} fields")}. {Allowed}.";
    }
}
