using Cronos;
using NodaTime;

namespace Fletcher.Scheduling;

/// <summary>
/// The times of a cron expression. Cronos finds the matching local times, as if they were UTC; what a zone makes of them is decided here, so
/// that neither its reading of zones nor the operating system's enters.
/// </summary>
internal sealed class CronRecurrence : Recurrence
{
    private readonly CronExpression[] _expressions;
    private readonly DateTimeZone _zone;

    internal CronRecurrence(string text, IReadOnlyList<CronField> fields, DateTimeZone zone)
    {
        Text = text;
        Fields = fields;
        _zone = zone;
        var (dayOfMonth, dayOfWeek) = (fields[^3], fields[^1]);
        FiresOnEitherDay = !dayOfMonth.BeginsWithStar && !dayOfWeek.BeginsWithStar;
        // Cronos asks for both days, as Vixie's cron does when one of them begins with a star. Otherwise either is enough: one expression for each.
        _expressions = FiresOnEitherDay
            ? [Parse(dayOfMonth.ForCronos, "*"), Parse("*", dayOfWeek.ForCronos)]
            : [Parse(dayOfMonth.ForCronos, dayOfWeek.ForCronos)];
        var time = fields.Count == 6 ? fields.Skip(1).Take(2) : fields.Take(2);
        FollowsElapsedTime = time.Any(field => field.HasStep);
    }

    internal override string Text { get; }

    internal IReadOnlyList<CronField> Fields { get; }

    /// <summary>Day of month OR day of week, as neither begins with a star.</summary>
    internal bool FiresOnEitherDay { get; }

    /// <summary>Whether hour or minute has a wildcard or a step: then it is meant as a rhythm, not as a time of day.</summary>
    internal bool FollowsElapsedTime { get; }

    // The calendar repeats itself every 400 years.
    internal bool EverFires => Next(new LocalDateTime(2000, 1, 1, 0, 0)) is not null;

    internal override IEnumerable<Instant> From(Instant from) =>
        FollowsElapsedTime ? WallClock.Elapsed(Next, _zone, from) : WallClock.Fixed(Locals, _zone, from);

    internal override string Describe() => CronDescription.Of(this);

    private IEnumerable<LocalDateTime> Locals(LocalDateTime from)
    {
        for (var next = Next(from); next is { } local; next = Next(local.PlusSeconds(1)))
        {
            yield return local;
            if (local is { Year: 9999, Month: 12, Day: 31, Hour: 23, Minute: 59, Second: 59 })
                yield break;
        }
    }

    private LocalDateTime? Next(LocalDateTime from)
    {
        var start = DateTime.SpecifyKind(from.ToDateTimeUnspecified(), DateTimeKind.Utc);
        DateTime? first = null;
        foreach (var expression in _expressions)
        {
            if (expression.GetNextOccurrence(start, inclusive: true) is { } next && (first is null || next < first))
                first = next;
        }

        return first is { } found ? LocalDateTime.FromDateTime(found) : null;
    }

    private CronExpression Parse(string dayOfMonth, string dayOfWeek)
    {
        var second = Fields.Count == 6 ? Fields[0].ForCronos : "0";
        return CronExpression.Parse(
            $"{second} {Fields[^5].ForCronos} {Fields[^4].ForCronos} {dayOfMonth} {Fields[^2].ForCronos} {dayOfWeek}", CronFormat.IncludeSeconds);
    }
}
