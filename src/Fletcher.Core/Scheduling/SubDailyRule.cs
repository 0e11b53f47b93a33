using NodaTime;

namespace Fletcher.Scheduling;

/// <summary>
/// An RFC 5545 rule that repeats by hours, minutes or seconds. Its periods are counted in elapsed time from its start; the BY parts are compared
/// with what a clock in the zone shows.
/// </summary>
internal sealed class SubDailyRule
{
    // As many looks without a match, and it is taken for exhausted: some tenths of a second.
    private const int Patience = 1_000_000;

    private readonly RuleParts _rule;
    private readonly DateTimeZone _zone;
    private readonly Instant _start;
    private readonly Instant _base;
    private readonly long _step;
    private readonly int[] _minutes;
    private readonly int[] _seconds;
    private readonly Lazy<Instant> _end;

    internal SubDailyRule(RuleParts rule, DateTimeZone zone)
    {
        (_rule, _zone) = (rule, zone);
        _start = WallClock.InstantOf(rule.Start, zone)!.Value;
        var unit = rule.Frequency switch { RuleFrequency.Hourly => 3600, RuleFrequency.Minutely => 60, _ => 1 };
        _step = (long)unit * rule.Interval;
        // An hourly rule with BYMINUTE looks at all minutes of its hours, so its periods begin with the hour; and so on.
        _minutes = unit == 3600 && rule.Of("BYMINUTE").Length > 0 ? [.. Enumerable.Range(0, 60)] : [0];
        _seconds = unit >= 60 && rule.Of("BYSECOND") is { Length: > 0 } seconds ? seconds : [0];
        var shown = WallClock.LocalOf(_start, zone);
        var early = (_minutes.Length > 1 ? shown.Minute * 60 : 0) + (unit >= 60 && rule.Of("BYSECOND").Length > 0 ? shown.Second : 0);
        _base = _start - Duration.FromSeconds(early);
        _end = new Lazy<Instant>(FindEnd);
    }

    internal IEnumerable<Instant> From(Instant from)
    {
        var end = _end.Value;
        return Unbounded(from).TakeWhile(instant => instant <= end).Where(instant => !_rule.IsExcluded(WallClock.LocalOf(instant, _zone)));
    }

    private Instant FindEnd()
    {
        if (_rule.UntilInstant is { } until)
            return until;
        if (_rule.UntilLocal is { } local)
        {
            // Both times, where it occurs twice.
            var mapping = _zone.MapLocal(local);
            return mapping.Count == 0 ? mapping.EarlyInterval.End : mapping.Last().ToInstant();
        }

        return _rule.Count is { } count ? Unbounded(_start).Take(count).LastOrDefault(WallClock.Max) : WallClock.Max;
    }

    private IEnumerable<Instant> Unbounded(Instant from)
    {
        var begin = WallClock.CeilingToSecond(from < _start ? _start : from);
        var idle = 0;
        for (var period = (long)(begin - _base).TotalSeconds / _step; idle < Patience;)
        {
            // Checked before it is added: the end of time is near enough to overflow.
            if (period > (long)(WallClock.Max - _base).TotalSeconds / _step)
                yield break;
            var first = _base + Duration.FromSeconds(period * _step);
            var found = false;
            foreach (var instant in In(first))
            {
                if (instant < begin || instant > WallClock.Max)
                    continue;
                found = true;
                yield return instant;
            }

            idle = found ? 0 : idle + 1;
            period = found ? period + 1 : Math.Max(period + 1, (long)(SkipFrom(first) - _base).TotalSeconds / _step);
        }
    }

    private IEnumerable<Instant> In(Instant first)
    {
        foreach (var minute in _minutes)
        {
            foreach (var second in _seconds)
            {
                var instant = first + Duration.FromSeconds(minute * 60 + second);
                if (instant <= WallClock.Max && IsMatch(WallClock.LocalOf(instant, _zone)))
                    yield return instant;
            }
        }
    }

    // Where the next match can be at the earliest, seen from a time that is none: over the day or the hour if that is what does not fit, but
    // never over a change of the clock, which may show an earlier day or hour again.
    private Instant SkipFrom(Instant instant)
    {
        var local = WallClock.LocalOf(instant, _zone);
        var rest = !IsDayMatch(local.Date) ? Duration.FromDays(1) - Duration.FromNanoseconds(local.NanosecondOfDay)
            : !Has("BYHOUR", local.Hour) ? Duration.FromSeconds(3600 - local.Minute * 60 - local.Second)
            : Duration.Zero;
        var interval = _zone.GetZoneInterval(instant);
        if (rest > WallClock.Max - instant)
            return WallClock.Max;
        return interval.HasEnd && interval.End < instant + rest ? interval.End : instant + rest;
    }

    private bool IsMatch(LocalDateTime local) =>
        IsDayMatch(local.Date) && Has("BYHOUR", local.Hour) && Has("BYMINUTE", local.Minute) && Has("BYSECOND", local.Second);

    private bool IsDayMatch(LocalDate date)
    {
        var daysInMonth = date.Calendar.GetDaysInMonth(date.Year, date.Month);
        var daysInYear = date.Calendar.GetDaysInYear(date.Year);
        return Has("BYMONTH", date.Month)
            && (Has("BYMONTHDAY", date.Day) || HasNegative("BYMONTHDAY", date.Day - daysInMonth - 1))
            && (Has("BYYEARDAY", date.DayOfYear) || HasNegative("BYYEARDAY", date.DayOfYear - daysInYear - 1))
            && (_rule.Days.Count == 0 || _rule.Days.Any(day => day.Day == date.DayOfWeek));
    }

    private bool Has(string part, int number) => _rule.Of(part) is var numbers && (numbers.Length == 0 || Array.IndexOf(numbers, number) >= 0);

    private bool HasNegative(string part, int number) => Array.IndexOf(_rule.Of(part), number) >= 0;
}
