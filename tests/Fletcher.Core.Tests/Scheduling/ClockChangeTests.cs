using CsCheck;
using NodaTime;

namespace Fletcher.Scheduling.Tests;

/// <summary>Around the changes of the world's clocks, schedules fire when a person before a clock would have started them: never else, and none is missed.</summary>
public sealed class ClockChangeTests
{
    private static readonly Duration Around = Duration.FromHours(30);

    [Fact]
    public void Cron_expressions() => ForEachChange(Expressions.Cron, (text, zone, from, to) =>
    {
        var cron = new NaiveCron(text);
        Simulation.AssertFires(Schedule.Parse(text, zone.Id), from, to,
            cron.IsRhythm ? Simulation.Elapsed(zone, from, to, cron.Matches) : Simulation.OnTheWall(zone, from, to, cron.Matches));
    });

    [Fact]
    public void Intervals_of_days() => ForEachChange(Gen.Select(Gen.Int[1, 4], Gen.Int[0, 3], Gen.Int[0, 59]), (interval, zone, from, to) =>
    {
        var (days, hour, minute) = interval;
        Simulation.AssertFires(Schedule.Parse($"every {days}d at {hour:00}:{minute:00}", zone.Id), from, to, Simulation.OnTheWall(zone, from, to, time =>
            time.Hour == hour && time.Minute == minute && Days(time) % days == 0));
    });

    [Fact]
    public void Intervals_within_a_day() => ForEachChange(Gen.Select(Gen.Int[1, 3_000], Gen.Int[0, 23], Gen.Int[0, 59]), (interval, zone, from, to) =>
    {
        var (minutes, hour, minute) = interval;
        if (minutes % 1440 == 0)
            minutes++;
        // The anchor lies at a time that no zone left out or showed twice.
        var anchor = zone.AtLeniently(new LocalDateTime(2003, 2, 5, hour, minute)).ToInstant();
        var expected = Simulation.Elapsed(zone, from, to, _ => true).Where(instant => (long)(instant - anchor).TotalMinutes % minutes == 0);
        Simulation.AssertFires(Schedule.Every(TimeSpan.FromMinutes(minutes), zone.Id, new DateTime(2003, 2, 5, hour, minute, 0)), from, to, expected);
    });

    [Fact]
    public void Rules_of_days_and_longer() => ForEachChange(Gen.Select(Gen.Int[1, 3], Gen.Int[0, 3], Gen.Int[0, 59], Gen.Int[0, 4]), (rule, zone, from, to) =>
    {
        var (interval, hour, minute, kind) = rule;
        var at = $"BYHOUR={hour};BYMINUTE={minute}";
        var (text, isDay) = kind switch
        {
            0 => ($"FREQ=DAILY;INTERVAL={interval};{at}", (Func<LocalDateTime, bool>)(time => Days(time) % interval == 0)),
            1 => ($"FREQ=WEEKLY;INTERVAL={interval};BYDAY=SU,FR;{at}", time => Days(time) / 7 % interval == 0 && time.DayOfWeek is IsoDayOfWeek.Sunday or IsoDayOfWeek.Friday),
            2 => ($"FREQ=MONTHLY;INTERVAL={interval};BYMONTHDAY=-1,15,28;{at}", time =>
                ((time.Year - 2001) * 12 + time.Month - 1) % interval == 0 && (time.Day is 15 or 28 || time.Date.PlusDays(1).Day == 1)),
            3 => ($"FREQ=MONTHLY;BYDAY=-1SU,2SU;{at}", time =>
                time.DayOfWeek == IsoDayOfWeek.Sunday && (time.Day is > 7 and <= 14 || time.Date.PlusDays(7).Month != time.Month)),
            _ => ($"FREQ=YEARLY;BYMONTH=3,10,11;BYMONTHDAY=25,26,27,28,29,30,31;BYDAY=SU;{at}", time =>
                time.Month is 3 or 10 or 11 && time.Day >= 25 && time.DayOfWeek == IsoDayOfWeek.Sunday),
        };
        if (from < Instant.FromUtc(2001, 2, 1, 0, 0))
            return;
        Simulation.AssertFires(Schedule.Parse(text, zone.Id), from, to,
            Simulation.OnTheWall(zone, from, to, time => time.Hour == hour && time.Minute == minute && isDay(time)));
    });

    [Fact]
    public void Rules_within_a_day() => ForEachChange(Gen.Select(Gen.Int[1, 7], Gen.Int[0, 59], Gen.Int[0, 2]), (rule, zone, from, to) =>
    {
        var (interval, minute, kind) = rule;
        if (from < Instant.FromUtc(2001, 2, 1, 0, 0))
            return;
        var anchor = zone.AtLeniently(new LocalDateTime(2001, 1, 1, 0, 0)).ToInstant();
        var (text, minutes, isMatch) = kind switch
        {
            0 => ($"FREQ=HOURLY;INTERVAL={interval}", interval * 60, (Func<LocalDateTime, bool>)(_ => true)),
            1 => ($"FREQ=MINUTELY;INTERVAL={interval};BYHOUR=0,1,2,3;BYDAY=SA,MO", interval, time => time.Hour <= 3 && time.DayOfWeek is IsoDayOfWeek.Saturday or IsoDayOfWeek.Monday),
            _ => ($"FREQ=HOURLY;BYMINUTE={minute};BYHOUR=0,1,2,23", 1, time => time.Minute == minute && time.Hour is 0 or 1 or 2 or 23),
        };
        Simulation.AssertFires(Schedule.Parse(text, zone.Id), from, to, Simulation.Elapsed(zone, from, to, isMatch)
            .Where(instant => (long)(instant - anchor).TotalMinutes % minutes == 0));
    });

    private static long Days(LocalDateTime time) => Period.DaysBetween(new LocalDate(2001, 1, 1), time.Date) is var days && days >= 0 ? days : 1_000_000_009L + days;

    // As many expressions as changes: with chance in both, most of each are met.
    private static void ForEachChange<T>(Gen<T> expressions, Action<T, DateTimeZone, Instant, Instant> check)
    {
        var seed = Environment.TickCount;
        var changes = ZoneChanges.Some(seed).Where(change => change.At > Instant.FromUtc(2001, 2, 1, 0, 0)).ToList();
        Assert.NotEmpty(changes);
        Gen.Select(Expressions.One(changes.ToArray()), expressions).Sample(
            (change, expression) => check(expression, change.Zone, change.At - Around, change.At + Around),
            iter: changes.Count, threads: 2);
    }
}
