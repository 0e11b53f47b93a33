using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NodaTime;

namespace Fletcher.Scheduling;

/// <summary>
/// When something starts by itself: a cron expression, an interval or an RFC 5545 rule, in a zone of the IANA database; optionally with a start,
/// an end, excluded days and a jitter. Immutable; what it answers depends on nothing but itself and the arguments, so all hosts agree.
/// </summary>
/// <remarks>
/// Where clocks are changed: a time on the wall that does not exist fires once, right after the gap; one that occurs twice fires the first time.
/// Cron expressions with a wildcard or a step in hour or minute, and what repeats within a day, follow elapsed time instead. Intervals of whole
/// days follow the calendar. The times asked for from any moment on are always the tail of those from an earlier one.
/// </remarks>
public sealed partial class Schedule
{
    private readonly Recurrence _recurrence;
    private readonly DateTimeZone _zone;

    private Schedule(Recurrence recurrence, DateTimeZone zone) => (_recurrence, _zone) = (recurrence, zone);

    private Schedule(Schedule other)
        : this(other._recurrence, other._zone) =>
        (Start, End, Excluded, Jitter) = (other.Start, other.End, other.Excluded, other.Jitter);

    /// <summary>The expression. <see cref="Parse"/> with it and <see cref="Zone"/> gives the same times.</summary>
    public string Text => _recurrence.Text;

    /// <summary>The zone's id in the IANA database, such as <c>Europe/Berlin</c>.</summary>
    public string Zone => _zone.Id;

    /// <summary>The first instant at which it may fire; none by default.</summary>
    public DateTimeOffset? Start { get; private init; }

    /// <summary>The instant from which on it does not fire any more; none by default.</summary>
    public DateTimeOffset? End { get; private init; }

    /// <summary>Days on which it does not fire; none by default.</summary>
    public ExcludedDays? Excluded { get; private init; }

    /// <summary>How much later than its time a firing may be started, to spread load; zero by default. See <see cref="DueAt"/>.</summary>
    public TimeSpan Jitter { get; private init; }

    /// <summary>Reads a schedule, of whichever kind.</summary>
    /// <param name="text">
    /// A cron expression (<c>0 6 * * mon-fri</c>, <c>@daily</c>), an interval (<c>every 15m</c>, <c>every 2d at 06:00</c>), or RFC 5545
    /// (<c>DTSTART:20260101T060000 RRULE:FREQ=MONTHLY;BYDAY=1MO</c>).
    /// </param>
    /// <param name="zone">Where it is read: an id of the IANA database.</param>
    /// <exception cref="ScheduleFormatException">The text cannot be used (FLT1701), or there is no such zone (FLT1702).</exception>
    public static Schedule Parse(string text, string zone = "UTC")
    {
        ArgumentNullException.ThrowIfNull(text);
        var read = new ScheduleText(text);
        var first = read.Parts().FirstOrDefault();
        var found = Zones.Find(zone);
        Recurrence recurrence = first.Text is null ? CronReader.Read(read, found)
            : IntervalReader.Is(first) ? IntervalReader.Read(read, found)
            : RuleReader.Is(first) ? new RuleReader(read, found).Read()
            : CronReader.Read(read, found);
        return new Schedule(recurrence, found);
    }

    /// <summary>Reads a schedule as <see cref="Parse"/> does, and gives the refusal instead of throwing it.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="zone">Where it is read.</param>
    /// <param name="schedule">The schedule, if it can be used.</param>
    /// <param name="refusal">Why not, otherwise.</param>
    public static bool TryParse(
        string text, string zone, [NotNullWhen(true)] out Schedule? schedule, [NotNullWhen(false)] out ScheduleFormatException? refusal)
    {
        try
        {
            schedule = Parse(text, zone);
            refusal = null;
            return true;
        }
        catch (ScheduleFormatException exception)
        {
            schedule = null;
            refusal = exception;
            return false;
        }
    }

    /// <summary>A cron expression.</summary>
    /// <param name="expression">
    /// Five fields (minute, hour, day of month, month, day of week) or six (second first), or a name such as <c>@daily</c>. When neither day field
    /// begins with <c>*</c>, either is enough, as in Vixie's cron.
    /// </param>
    /// <param name="zone">Where it is read: an id of the IANA database.</param>
    /// <exception cref="ScheduleFormatException">The expression cannot be used (FLT1701), or there is no such zone (FLT1702).</exception>
    public static Schedule Cron(string expression, string zone = "UTC")
    {
        ArgumentNullException.ThrowIfNull(expression);
        var found = Zones.Find(zone);
        return new Schedule(CronReader.Read(new ScheduleText(expression), found), found);
    }

    /// <summary>Every so often, counted from an anchor in both directions. The anchor is a phase and no start; for that there is <see cref="StartingAt"/>.</summary>
    /// <param name="interval">Whole seconds, 1 second to 36,500 days. Multiples of 24 hours are days: the same time of day, whatever clocks do.</param>
    /// <param name="zone">Where the anchor is read, and days are counted.</param>
    /// <param name="anchor">A local time at which it fires, years 2 to 9998, whole seconds; its <see cref="DateTime.Kind"/> does not count. Monday 2001-01-01 00:00 when it is not given.</param>
    /// <exception cref="ScheduleFormatException">The interval or the anchor is out of range (FLT1701), or there is no such zone (FLT1702).</exception>
    public static Schedule Every(TimeSpan interval, string zone = "UTC", DateTime? anchor = null)
    {
        var found = Zones.Find(zone);
        var text = "every " + interval.ToString("c", CultureInfo.InvariantCulture);
        if (IntervalReader.Fault(interval) is { } fault)
            throw new ScheduleFormatException(ScheduleText.RefusedExpression, text, 6, "interval", $"it is out of range. {fault}");
        if (anchor is { } given && (given.Year is < 2 or > 9998 || given.Ticks % TimeSpan.TicksPerSecond != 0))
            throw new ScheduleFormatException(ScheduleText.RefusedExpression, text, 6, "anchor", $"{given:O} is out of range. Allowed are whole seconds of the years 2 to 9998.");

        var local = anchor is { } phase ? LocalDateTime.FromDateTime(phase) : IntervalRecurrence.DefaultAnchor;
        return new Schedule(new IntervalRecurrence(IntervalReader.TextOf(interval, local), interval, local, found), found);
    }

    /// <summary>A recurrence as RFC 5545 writes it.</summary>
    /// <param name="rule">
    /// <c>DTSTART</c>, one <c>RRULE</c>, <c>EXDATE</c> and <c>RDATE</c>, between spaces or lines; or the value of an RRULE alone. Without
    /// <c>DTSTART</c> it is counted from Monday 2001-01-01 00:00.
    /// </param>
    /// <param name="zone">Where it is read: an id of the IANA database.</param>
    /// <exception cref="ScheduleFormatException">The rule cannot be used (FLT1701), or there is no such zone (FLT1702).</exception>
    public static Schedule Rule(string rule, string zone = "UTC")
    {
        ArgumentNullException.ThrowIfNull(rule);
        var found = Zones.Find(zone);
        return new Schedule(new RuleReader(new ScheduleText(rule), found).Read(), found);
    }

    /// <summary>Every day at a time.</summary>
    /// <param name="at">The time of day, to the second.</param>
    /// <param name="zone">Where it is read: an id of the IANA database.</param>
    /// <exception cref="ScheduleFormatException">There is no such zone (FLT1702).</exception>
    public static Schedule Daily(TimeOnly at, string zone = "UTC") => Cron($"{TimeFields(at)} * * *", zone);

    /// <summary>Every week on one day.</summary>
    /// <param name="day">The day of the week.</param>
    /// <param name="at">The time of day, to the second.</param>
    /// <param name="zone">Where it is read: an id of the IANA database.</param>
    /// <exception cref="ScheduleFormatException">There is no such zone (FLT1702).</exception>
    public static Schedule Weekly(DayOfWeek day, TimeOnly at, string zone = "UTC") =>
        Cron(string.Create(CultureInfo.InvariantCulture, $"{TimeFields(at)} * * {(int)day}"), zone);

    /// <summary>Every month on one day. Months that do not have it are passed over; the last day of every month is the cron expression <c>0 6 L * *</c>.</summary>
    /// <param name="day">The day of the month, 1 to 31.</param>
    /// <param name="at">The time of day, to the second.</param>
    /// <param name="zone">Where it is read: an id of the IANA database.</param>
    /// <exception cref="ScheduleFormatException">The day is out of range (FLT1701), or there is no such zone (FLT1702).</exception>
    public static Schedule Monthly(int day, TimeOnly at, string zone = "UTC") =>
        Cron(string.Create(CultureInfo.InvariantCulture, $"{TimeFields(at)} {day} * *"), zone);

    /// <summary>The same, firing at this instant at the earliest. Phases do not move: the start only leaves out what is before it.</summary>
    /// <param name="start">The first instant at which it may fire.</param>
    public Schedule StartingAt(DateTimeOffset start) => new(this) { Start = start };

    /// <summary>The same, firing before this instant only.</summary>
    /// <param name="end">The first instant at which it does not fire any more.</param>
    public Schedule EndingAt(DateTimeOffset end) => new(this) { End = end };

    /// <summary>The same, without firings on these days. A day is the local date, in the schedule's zone, of the firing. Days excluded before stay so.</summary>
    /// <param name="days">The days.</param>
    public Schedule Except(ExcludedDays days)
    {
        ArgumentNullException.ThrowIfNull(days);
        return new(this) { Excluded = Excluded is null ? days : Excluded.And(days) };
    }

    /// <summary>The same, with firings started up to so much later than their times. See <see cref="DueAt"/>.</summary>
    /// <param name="jitter">The upper bound; zero for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public Schedule WithJitter(TimeSpan jitter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(jitter, TimeSpan.Zero);
        return new(this) { Jitter = jitter };
    }

    /// <summary>
    /// What it says, in one English sentence: <c>at 06:00 on the 1st of every month, Europe/Berlin</c>. What cannot be said simply is shown as it
    /// was written.
    /// </summary>
    public string Describe() => ScheduleDescription.Of(this, _recurrence.Describe());

    /// <summary>The expression as it was written.</summary>
    public override string ToString() => Text;

    private static string TimeFields(TimeOnly at) => at.Second == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{at.Minute} {at.Hour}")
        : string.Create(CultureInfo.InvariantCulture, $"{at.Second} {at.Minute} {at.Hour}");
}
