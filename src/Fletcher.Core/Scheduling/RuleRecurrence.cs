using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using NodaTime;

namespace Fletcher.Scheduling;

/// <summary>
/// The times of an RFC 5545 recurrence. Ical.Net expands what repeats by days or longer, without a zone: local times, which are read as any
/// others. What repeats within a day is <see cref="SubDailyRule"/>'s: in a zone, Ical.Net 5.2.4 never comes back from an hour that occurs twice,
/// and without one it cannot follow elapsed time.
/// </summary>
internal sealed class RuleRecurrence : Recurrence
{
    private readonly RuleParts _rule;
    private readonly DateTimeZone _zone;
    private readonly SubDailyRule? _subDaily;
    private readonly Lazy<LocalDateTime> _last;
    private readonly Instant[] _added;

    internal RuleRecurrence(RuleParts rule, DateTimeZone zone)
    {
        _rule = rule;
        _zone = zone;
        _subDaily = rule.IsSubDaily ? new SubDailyRule(rule, zone) : null;
        _last = new Lazy<LocalDateTime>(() => Expand(rule.Start).Take(rule.Count!.Value).LastOrDefault(rule.Start));
        _added = [.. rule.AddedTimes.Where(time => !rule.IsExcluded(time)).Select(time => WallClock.InstantOf(time, zone)!.Value).Distinct().Order()];
    }

    internal override string Text => _rule.Text;

    internal override IEnumerable<Instant> From(Instant from)
    {
        var added = Array.FindIndex(_added, instant => instant >= from);
        if (added < 0)
            added = _added.Length;
        foreach (var instant in Repeated(from))
        {
            for (; added < _added.Length && _added[added] <= instant; added++)
            {
                if (_added[added] < instant)
                    yield return _added[added];
            }

            yield return instant;
        }

        for (; added < _added.Length; added++)
            yield return _added[added];
    }

    internal override string Describe() => RuleDescription.Of(_rule);

    private IEnumerable<Instant> Repeated(Instant from)
    {
        if (_rule.Pattern is null)
            return [];
        if (_subDaily is not null)
            return _subDaily.From(from);
        var times = WallClock.Fixed(Locals, _zone, from);
        return _rule.UntilInstant is { } until ? times.TakeWhile(instant => instant <= until) : times;
    }

    // From the start on, a COUNT is counted along; from later on, only up to the last that it allows, which is looked for once.
    private IEnumerable<LocalDateTime> Locals(LocalDateTime from)
    {
        var isLater = from > _rule.Start;
        var last = isLater && _rule.Count is not null ? _last.Value : _rule.UntilLocal;
        var locals = Expand(isLater ? from : _rule.Start);
        foreach (var local in isLater ? locals : locals.Take(_rule.Count ?? int.MaxValue))
        {
            if (local > last)
                yield break;
            if (local >= from && !_rule.IsExcluded(local))
                yield return local;
        }
    }

    private IEnumerable<LocalDateTime> Expand(LocalDateTime from)
    {
        var happening = new CalendarEvent { Start = ToIcal(_rule.Start), RecurrenceRule = new RecurrenceRule(_rule.Pattern!) };
        foreach (var occurrence in Occurrences.From(happening, ToIcal(from), Patience))
            yield return LocalDateTime.FromDateTime(occurrence.Period.StartTime.Value);
    }

    // The calendar repeats itself after 400 years, and with it every rule after that many steps at most, whatever its interval: what has not
    // matched until then never will.
    private int Patience => _rule.Frequency switch
    {
        RuleFrequency.Yearly => 401,
        RuleFrequency.Monthly => 4_801,
        RuleFrequency.Weekly => 20_872,
        _ => 146_098,
    };

    private static CalDateTime ToIcal(LocalDateTime local) =>
        new(local.Year, local.Month, local.Day, local.Hour, local.Minute, local.Second);
}
