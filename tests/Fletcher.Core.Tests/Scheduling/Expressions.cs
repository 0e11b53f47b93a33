using CsCheck;

namespace Fletcher.Scheduling.Tests;

/// <summary>Expressions by chance, mostly of hours at which clocks are changed.</summary>
internal static class Expressions
{
    private static readonly Gen<string> Minute = Gen.OneOf(
        One("*", "0", "30", "*/15", "*/7", "5/20", "0,30", "10-40", "10-40/10"), Gen.Int[0, 59].Select(minute => $"{minute}"));

    private static readonly Gen<string> Hour = Gen.OneOf(
        One("*", "*/2", "*/5", "1/3", "0-3", "1,2,3", "0", "23", "1-5/2"), Gen.Int[0, 3].Select(hour => $"{hour}"), Gen.Int[0, 23].Select(hour => $"{hour}"));

    private static readonly Gen<string> DayOfMonth = Gen.Frequency(
        (6, Gen.Const("*")), (1, One("*/2", "1-31", "1,15", "25-31")), (1, Gen.Int[1, 28].Select(day => $"{day}")));

    private static readonly Gen<string> Month = Gen.Frequency((5, Gen.Const("*")), (1, One("*/3", "3,10", "1-12")));

    private static readonly Gen<string> DayOfWeek = Gen.Frequency((6, Gen.Const("*")), (2, One("0", "6", "1-5", "*/2", "0,6")));

    internal static readonly Gen<string> Cron = Gen.Select(Minute, Hour, DayOfMonth, Month, DayOfWeek,
        (minute, hour, day, month, dayOfWeek) => $"{minute} {hour} {day} {month} {dayOfWeek}");

    /// <summary>With seconds, wrapped ranges, names and special days too.</summary>
    internal static readonly Gen<string> RichCron = Gen.OneOf(
        Cron,
        Cron.Select(cron => "0/20 " + cron),
        Gen.Select(Minute, Hour, One("L * *", "L-3 * *", "15W * *", "LW * *", "* * 5L", "* * MON#2", "? * sat-mon", "28-3 nov-feb *", "13 * fri", "29 2 *"),
            (minute, hour, days) => $"{minute} {hour} {days}"));

    internal static readonly Gen<string> Interval = Gen.OneOf(
        One("every 15m", "every 1h", "every 5h", "every 36h", "every 7m", "every 90s", "every day", "every 2d", "every 1w", "every 25h30m"),
        Gen.Select(Gen.Int[1, 9], Gen.Int[0, 23], Gen.Int[0, 59]).Select((days, hour, minute) => $"every {days}d at {hour:00}:{minute:00}"),
        Gen.Select(Gen.Int[1, 2_000], Gen.Int[0, 59]).Select((minutes, minute) => $"every {minutes}m anchor 2003-05-06T07:{minute:00}"));

    internal static readonly Gen<string> Rule = Gen.OneOf(
        One(
            "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=2;BYMINUTE=30", "RRULE:FREQ=YEARLY;BYWEEKNO=13,43;BYDAY=SU;BYHOUR=2,3",
            "RRULE:FREQ=YEARLY;BYYEARDAY=-1,1,85;BYHOUR=2", "DTSTART:19990131T023000 RRULE:FREQ=MONTHLY", "DTSTART:19960229T023000 RRULE:FREQ=YEARLY",
            "DTSTART:20000101T023000 RRULE:FREQ=DAILY;COUNT=9000", "RRULE:FREQ=HOURLY;BYMINUTE=0,30;BYDAY=SU", "RRULE:FREQ=MINUTELY;INTERVAL=7;BYHOUR=1,2,3",
            "DTSTART:20010101T000000 RRULE:FREQ=HOURLY;INTERVAL=5;COUNT=50000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3,10;BYHOUR=2;BYMINUTE=30",
            "DTSTART:20000101T023000 RRULE:FREQ=DAILY UNTIL", "RDATE:20100328T023000,20101031T023000", "DTSTART:20000101T023000 RRULE:FREQ=DAILY;INTERVAL=3 EXDATE:20000107T023000 RDATE:20000108T023000",
            "DTSTART:19991231T010000 RRULE:FREQ=WEEKLY;INTERVAL=3;BYDAY=TU,SU;WKST=SU", "DTSTART:20000331T010000 RRULE:FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1,15")
            .Select(rule => rule.Replace(" UNTIL", ";UNTIL=20301231", StringComparison.Ordinal)),
        Gen.Select(Gen.Int[1, 5], Gen.Int[0, 3], Gen.Int[0, 59], One("DAILY", "WEEKLY", "MONTHLY", "HOURLY", "MINUTELY"))
            .Select((interval, hour, minute, frequency) => $"DTSTART:20000106T{hour:00}{minute:00}00 RRULE:FREQ={frequency};INTERVAL={interval}"));

    internal static readonly Gen<string> Any = Gen.OneOf(RichCron, Interval, Rule);

    internal static Gen<T> One<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);
}
