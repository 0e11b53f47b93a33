using System.Globalization;
using Fletcher.Diagnosis;
using NodaTime;
using NodaTime.Text;

namespace Fletcher.Scheduling;

/// <summary>
/// Reads RFC 5545: properties between white space, <c>DTSTART:… RRULE:… EXDATE:… RDATE:…</c>, or the value of an RRULE alone. Ical.Net reads rules
/// leniently and without positions; so they are checked here first.
/// </summary>
internal sealed class RuleReader(ScheduleText text, DateTimeZone zone)
{
    private static readonly string[] Properties = ["DTSTART", "RRULE", "EXDATE", "RDATE"];

    private static readonly LocalDateTimePattern DateTimePattern = LocalDateTimePattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss");
    private static readonly LocalDatePattern DatePattern = LocalDatePattern.CreateWithInvariantCulture("uuuuMMdd");

    private readonly HashSet<LocalDateTime> _excludedTimes = [];
    private readonly HashSet<LocalDate> _excludedDates = [];
    private readonly SortedSet<LocalDateTime> _added = [];
    private LocalDateTime? _start;
    private RulePattern? _pattern;

    internal static bool Is(ScheduleText.Part first) =>
        first.Text.Contains('=', StringComparison.Ordinal) || Properties.Append("EXRULE").Append("BEGIN").Any(name =>
            first.Text.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase) || first.Text.StartsWith(name + ";", StringComparison.OrdinalIgnoreCase));

    internal RuleRecurrence Read()
    {
        var parts = text.Parts().ToList();
        foreach (var part in parts)
            ReadProperty(part);
        if (_pattern is null && _added.Count == 0)
            throw text.Refusal(text.Text.Length, "RRULE", "neither a rule nor a date is given. Allowed is for example 'RRULE:FREQ=DAILY;BYHOUR=6', or 'RDATE:20260101T060000'.");
        if (_pattern is { Count: not null } && _start is null)
            throw text.Refusal(_pattern.CountPosition, "COUNT", "to count, a first time is needed. Put one in front, such as 'DTSTART:20260101T060000'.");

        var rule = new RuleParts
        {
            Text = string.Join('\n', parts.Select(part => IsBare(part) ? "RRULE:" + part.Text : part.Text)),
            Start = _start ?? IntervalRecurrence.DefaultAnchor,
            HasStart = _start is not null,
            ExcludedTimes = _excludedTimes,
            ExcludedDates = _excludedDates,
            AddedTimes = [.. _added],
        };
        var recurrence = new RuleRecurrence(_pattern is null ? rule : _pattern.AddTo(rule), zone);
        if (!recurrence.From(WallClock.Min).Any())
            throw text.Refusal(_pattern?.Position ?? 0, "RRULE", "it never fires: no date has what its parts ask for together, or all are excluded.");
        return recurrence;
    }

    /// <summary>A time as RFC 5545 writes it.</summary>
    internal RuleTime ReadTime(ScheduleText.Part value, string field)
    {
        var isUtc = value.Text.EndsWith('Z');
        if (DateTimePattern.Parse(isUtc ? value.Text[..^1] : value.Text) is { Success: true, Value: { Year: > 1 and < 9999 } time })
            return new RuleTime(time, isUtc, IsDate: false);
        if (DatePattern.Parse(value.Text) is { Success: true, Value: { Year: > 1 and < 9999 } date })
            return new RuleTime(date.AtMidnight(), false, IsDate: true);
        throw text.Refusal(value.Position, field, $"'{value.Text}' is no time. Allowed are a local time such as 20260131T060000, UTC such as 20260131T050000Z, or a date such as 20260131, in the years 2 to 9998.");
    }

    private static bool IsBare(ScheduleText.Part part) =>
        !part.Text.Contains(':', StringComparison.Ordinal) && part.Text.Contains('=', StringComparison.Ordinal);

    private void ReadProperty(ScheduleText.Part part)
    {
        if (IsBare(part))
        {
            ReadRule(part);
            return;
        }

        var colon = part.Text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            throw text.Refusal(part.Position, "property", $"'{part.Text}' is no property: it has no ':'. Allowed are {string.Join(", ", Properties)}.");
        var head = part.To(colon).Split(';').ToList();
        var name = head[0].Text.ToUpperInvariant();
        foreach (var parameter in head.Skip(1))
            ReadParameter(parameter, name);

        var value = part.From(colon + 1);
        switch (name)
        {
            case "RRULE":
                ReadRule(value);
                break;
            case "DTSTART":
                if (_start is not null)
                    throw text.Refusal(part.Position, name, "there is a second DTSTART. Allowed is one.");
                _start = Local(ReadTime(value, name));
                break;
            case "EXDATE":
            case "RDATE":
                foreach (var time in value.Split(','))
                    ReadDate(ReadTime(time, name), name);
                break;
            default:
                throw text.Refusal(part.Position, "property", PropertyReason(head[0].Text));
        }
    }

    private static string PropertyReason(string name)
    {
        if (name.Equals("EXRULE", StringComparison.OrdinalIgnoreCase))
            return "EXRULE is no longer part of RFC 5545. Exclude times with EXDATE, or days with a calendar.";
        if (name.Equals("BEGIN", StringComparison.OrdinalIgnoreCase))
            return "this is a whole calendar. Give its RRULE and DTSTART only; days of a calendar can be excluded.";
        var near = SimilarName.Find(name, Properties);
        return $"'{name}' is not known here. Allowed are {string.Join(", ", Properties)}.{(near is null ? "" : $" Did you mean '{near}'?")}";
    }

    private void ReadParameter(ScheduleText.Part parameter, string name)
    {
        var pieces = parameter.Text.Split('=', 2);
        var value = pieces.Length == 2 ? pieces[1] : "";
        switch (pieces[0].ToUpperInvariant())
        {
            case "TZID" when value == zone.Id:
            case "VALUE" when value.ToUpperInvariant() is "DATE" or "DATE-TIME":
                return;
            case "TZID":
                throw text.Refusal(parameter.Position, $"{name} TZID", $"'{value}' is not the schedule's zone, {zone.Id}. Give the schedule that zone, and leave TZID out.");
            default:
                throw text.Refusal(parameter.Position, name, $"'{parameter.Text}' is not allowed. Allowed are VALUE=DATE and the schedule's zone as TZID={zone.Id}.");
        }
    }

    private void ReadRule(ScheduleText.Part value)
    {
        if (_pattern is not null)
            throw text.Refusal(value.Position, "RRULE", "there is a second RRULE. Allowed is one; make a schedule for each.");
        _pattern = new RulePattern(text, this, value);
    }

    private void ReadDate(RuleTime time, string name)
    {
        if (name == "RDATE")
            _added.Add(Local(time));
        else if (time.IsDate)
            _excludedDates.Add(time.Value.Date);
        else
            _excludedTimes.Add(Local(time));
    }

    private LocalDateTime Local(RuleTime time) => time.IsUtc ? WallClock.LocalOf(time.Value.InUtc().ToInstant(), zone) : time.Value;
}
