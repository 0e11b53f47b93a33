using System.Globalization;
using Fletcher.Diagnosis;
using NodaTime;

namespace Fletcher.Scheduling;

/// <summary>Reads the value of an RRULE and checks it by the table of RFC 5545, section 3.3.10.</summary>
internal sealed class RulePattern
{
    private static readonly string[] DayNames = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

    // Smallest and largest number; the smallest is negative where counting from the end is allowed, and then 0 is not a number.
    private static readonly (string Name, int Min, int Max)[] Numbers =
    [
        ("BYSECOND", 0, 59), ("BYMINUTE", 0, 59), ("BYHOUR", 0, 23), ("BYMONTHDAY", -31, 31), ("BYYEARDAY", -366, 366), ("BYWEEKNO", -53, 53),
        ("BYMONTH", 1, 12), ("BYSETPOS", -366, 366),
    ];

    private static readonly string[] Names = ["FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", .. Numbers.Select(number => number.Name)];

    private readonly ScheduleText _text;
    private readonly Dictionary<string, ScheduleText.Part> _parts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int[]> _by = new(StringComparer.Ordinal);
    private readonly List<(int Ordinal, IsoDayOfWeek Day)> _days = [];
    private readonly RuleFrequency _frequency;
    private readonly int _interval = 1;
    private readonly RuleTime? _until;

    internal RulePattern(ScheduleText text, RuleReader reader, ScheduleText.Part value)
    {
        _text = text;
        Position = value.Position;
        foreach (var part in value.Split(';'))
            AddPart(part);
        if (!_parts.TryGetValue("FREQ", out var frequency))
            throw text.Refusal(value.Position, "FREQ", $"it is missing. Allowed are {Frequencies}.");
        if (!Enum.TryParse(frequency.Text, ignoreCase: true, out _frequency) || !Enum.IsDefined(_frequency) || char.IsDigit(frequency.Text[0]))
        {
            var near = SimilarName.Find(frequency.Text, Enum.GetNames<RuleFrequency>());
            throw text.Refusal(frequency.Position, "FREQ", $"'{frequency.Text}' is not known. Allowed are {Frequencies}.{(near is null ? "" : $" Did you mean '{near.ToUpperInvariant()}'?")}");
        }

        if (_parts.TryGetValue("INTERVAL", out var interval))
            _interval = ReadNumber(interval, "INTERVAL", 1, 1_000_000);
        if (_parts.TryGetValue("COUNT", out var count))
            Count = ReadNumber(count, "COUNT", 1, 1_000_000);
        if (_parts.TryGetValue("UNTIL", out var until))
            _until = Count is null ? reader.ReadTime(until, "UNTIL") : throw text.Refusal(until.Position, "UNTIL", "it cannot stand beside COUNT. Give one of the two.");
        if (_parts.TryGetValue("WKST", out var weekStart))
            ReadDay(weekStart, "WKST", ordinals: 0);
        foreach (var (name, min, max) in Numbers)
        {
            if (_parts.TryGetValue(name, out var numbers))
                _by[name] = [.. numbers.Split(',').Select(number => ReadNumber(number, name, min, max)).Distinct().Order()];
        }

        if (_parts.TryGetValue("BYDAY", out var days))
            _days.AddRange(days.Split(',').Select(day => ReadDay(day, "BYDAY", Ordinals())));
        CheckTogether();
    }

    internal int Position { get; }

    internal int? Count { get; }

    internal int CountPosition => _parts["COUNT"].Position;

    private static string Frequencies => string.Join(", ", Enum.GetNames<RuleFrequency>().Reverse().Select(name => name.ToUpperInvariant()));

    internal RuleParts AddTo(RuleParts rule) => rule with
    {
        // UNTIL and COUNT are applied by us: what Ical.Net compares UNTIL with depends on whether there is a zone, and for COUNT it counts anew each time.
        Pattern = string.Join(';', _parts.Where(part => part.Key is not ("UNTIL" or "COUNT")).Select(part => $"{part.Key}={part.Value.Text.ToUpperInvariant()}")),
        Frequency = _frequency,
        Interval = _interval,
        Count = Count,
        UntilInstant = _until is { IsUtc: true } utc ? utc.Value.InUtc().ToInstant() : null,
        UntilLocal = _until is { IsUtc: false } local ? local.IsDate ? local.Value.Date.At(new LocalTime(23, 59, 59)) : local.Value : null,
        By = _by,
        Days = _days,
    };

    private void AddPart(ScheduleText.Part part)
    {
        var equals = part.Text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || equals == part.Text.Length - 1)
            throw _text.Refusal(part.Position, "RRULE", part.Text.Length == 0 ? "a part is missing beside the ';'. Parts are written NAME=VALUE." : $"'{part.Text}' is no part. Parts are written NAME=VALUE.");
        var name = part.Text[..equals].ToUpperInvariant();
        if (!Names.Contains(name))
        {
            var near = SimilarName.Find(name, Names);
            throw _text.Refusal(part.Position, "RRULE", $"there is no part '{name}'. Allowed are {string.Join(", ", Names)}.{(near is null ? "" : $" Did you mean '{near}'?")}");
        }

        if (!_parts.TryAdd(name, part.From(equals + 1)))
            throw _text.Refusal(part.Position, name, "it is given twice. Separate several values by commas.");
    }

    private int ReadNumber(ScheduleText.Part part, string name, int min, int max)
    {
        var style = min < 0 ? NumberStyles.AllowLeadingSign : NumberStyles.None;
        if (int.TryParse(part.Text, style, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max && (min >= 0 || number != 0))
            return number;
        var allowed = min < 0 ? $"1 to {max}, or -1 to {min} to count from the end" : $"{min} to {max}";
        throw _text.Refusal(part.Position, name, $"'{part.Text}' is out of range. Allowed are {allowed}.");
    }

    private int Ordinals() =>
        _frequency == RuleFrequency.Monthly || (_frequency == RuleFrequency.Yearly && _by.ContainsKey("BYMONTH")) ? 5
        : _frequency == RuleFrequency.Yearly && !_by.ContainsKey("BYWEEKNO") ? 53
        : 0;

    private (int Ordinal, IsoDayOfWeek Day) ReadDay(ScheduleText.Part part, string name, int ordinals)
    {
        var day = part.Text.Length < 2 ? -1 : Array.FindIndex(DayNames, day => part.Text.EndsWith(day, StringComparison.OrdinalIgnoreCase));
        if (day < 0)
            throw _text.Refusal(part.Position, name, $"'{part.Text}' is no day. Allowed are {string.Join(", ", DayNames)}{(ordinals > 0 ? ", also with a number such as 1MO or -1FR" : "")}.");
        if (part.Text.Length == 2)
            return (0, (IsoDayOfWeek)(day + 1));
        if (ordinals == 0)
            throw _text.Refusal(part.Position, name, $"'{part.Text}' has a number, which {(name == "WKST" ? "it cannot have" : "only MONTHLY, and YEARLY without BYWEEKNO, can have")}. Did you mean '{part.Text[^2..].ToUpperInvariant()}'?");
        return (ReadNumber(part.To(part.Text.Length - 2), name, -ordinals, ordinals), (IsoDayOfWeek)(day + 1));
    }

    // What RFC 5545 forbids, libraries silently ignore or guess: each in another way.
    private void CheckTogether()
    {
        var isSubDaily = _frequency <= RuleFrequency.Hourly;
        Forbid("BYWEEKNO", _frequency != RuleFrequency.Yearly, "can stand with FREQ=YEARLY only");
        Forbid("BYYEARDAY", _frequency is RuleFrequency.Daily or RuleFrequency.Weekly or RuleFrequency.Monthly, "cannot stand with FREQ=DAILY, WEEKLY or MONTHLY");
        Forbid("BYMONTHDAY", _frequency == RuleFrequency.Weekly, "cannot stand with FREQ=WEEKLY. Did you mean FREQ=MONTHLY?");
        Forbid("BYSETPOS", !_by.Keys.Any(name => name != "BYSETPOS") && _days.Count == 0, "chooses among what another BY part gives, and there is none");
        Forbid("BYSETPOS", isSubDaily, "is supported for FREQ=DAILY and longer only");
    }

    private void Forbid(string name, bool isWrong, string why)
    {
        if (isWrong && _parts.TryGetValue(name, out var part))
            throw _text.Refusal(part.Position, name, $"it {why}.");
    }
}
