using System.Globalization;
using Cronos;
using CsCheck;

namespace Fletcher.Scheduling.Tests;

public sealed class ScheduleTests
{
    [Theory]
    [InlineData("2026-01-01T00:00:00Z", "2026-01-01T00:15:00Z")]
    [InlineData("2026-01-01T00:14:59.9999999Z", "2026-01-01T00:15:00Z")]
    [InlineData("2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z")]
    public void Next_is_after_the_instant(string after, string expected)
    {
        foreach (var text in new[] { "*/15 * * * *", "every 15m", "RRULE:FREQ=MINUTELY;INTERVAL=15", "0-59/15 0-23 * * *" })
            Assert.Equal(Time(expected), Schedule.Parse(text).Next(Time(after))!.Value.Time);
    }

    [Fact]
    public void Between_has_its_beginning_and_not_its_end() =>
        Assert.Equal(
            ["2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00"],
            Schedule.Parse("@daily").Between(Time("2026-01-01T00:00:00Z"), Time("2026-01-03T00:00:00Z")).Select(firing => firing.ToString()));

    [Fact]
    public void Factories_write_what_can_be_read()
    {
        var at = new TimeOnly(6, 30);
        Assert.Equal("30 6 * * *", Schedule.Daily(at).Text);
        Assert.Equal("15 30 6 * * *", Schedule.Daily(at.Add(TimeSpan.FromSeconds(15))).Text);
        Assert.Equal("30 6 * * 1", Schedule.Weekly(DayOfWeek.Monday, at).Text);
        Assert.Equal("30 6 15 * *", Schedule.Monthly(15, at, "Europe/Berlin").Text);
        Assert.Equal("every 1h30m", Schedule.Every(TimeSpan.FromMinutes(90)).Text);
        Assert.Equal("every 14d at 06:30", Schedule.Every(TimeSpan.FromDays(14), anchor: new DateTime(2001, 1, 1, 6, 30, 0)).Text);
        Assert.Equal("every 14d anchor 2026-01-01T06:30:00", Schedule.Every(TimeSpan.FromDays(14), anchor: new DateTime(2026, 1, 1, 6, 30, 0)).Text);
        Assert.Equal("RRULE:FREQ=DAILY", Schedule.Rule("FREQ=DAILY").Text);
        Assert.Equal("0 6 * * *", Schedule.Cron("  0  6 * *  * ").Text);
    }

    [Fact]
    public void Names_stand_for_their_fields()
    {
        string[][] pairs =
        [
            ["@yearly", "0 0 1 1 *"], ["@annually", "0 0 1 1 *"], ["@monthly", "0 0 1 * *"], ["@weekly", "0 0 * * 0"], ["@daily", "0 0 * * *"],
            ["@midnight", "0 0 * * *"], ["@HOURLY", "0 * * * *"], ["@every_minute", "* * * * *"], ["@every_second", "* * * * * *"],
        ];
        foreach (var pair in pairs)
            Assert.Equal(Schedule.Cron(pair[1]).After(Time("2026-01-01T00:00:00Z")).Take(3), Schedule.Cron(pair[0]).After(Time("2026-01-01T00:00:00Z")).Take(3));
    }

    // Lists, ranges, also those that wrap, and steps mean what they mean in Cronos.
    [Fact]
    public void Fields_mean_what_they_mean_in_Cronos()
    {
        (int Min, int Max, string Before, string Behind)[] fields =
        [
            (0, 59, "", " * * * * *"), (0, 59, "0 ", " * * * *"), (0, 23, "0 0 ", " * * *"), (1, 31, "0 0 0 ", " * *"), (1, 12, "0 0 0 1 ", " *"), (0, 7, "0 0 0 * * ", ""),
        ];
        Gen.Select(Expressions.One(fields), Gen.Int[0, 59], Gen.Int[0, 59], Gen.Int[1, 59], Gen.Int[0, 3]).Sample((field, a, b, step, kind) =>
        {
            int Fit(int number) => field.Min + number % (field.Max - field.Min + 1);
            // Of a range that begins with Sunday as 7, and wraps, Cronos loses the Sunday.
            if (field.Max == 7 && kind < 2 && Fit(a) == 7)
                a = 0;
            var text = kind switch { 0 => $"{Fit(a)}-{Fit(b)}", 1 => $"{Fit(a)}-{Fit(b)}/{1 + step % field.Max}", 2 => $"{Fit(a)}/{1 + step % field.Max}", _ => $"{Fit(a)},{Fit(b)}" };
            var expression = field.Before + text + field.Behind;
            var from = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
            Assert.Equal(
                CronExpression.Parse(expression, CronFormat.IncludeSeconds).GetOccurrences(from, from.AddYears(20)).Take(80),
                Schedule.Cron(expression).Between(from, from.AddYears(20)).Take(80).Select(firing => firing.UtcTime.UtcDateTime));
        }, iter: 3_000);
    }

    [Fact]
    public void A_start_leaves_out_what_is_before_it_and_moves_nothing()
    {
        var schedule = Schedule.Parse("every 1h").StartingAt(Time("2026-01-01T10:30:00Z")).EndingAt(Time("2026-01-01T13:00:00Z"));

        Assert.Equal(["11:00", "12:00"], schedule.After(DateTimeOffset.MinValue).Select(firing => firing.Time.ToString("HH:mm", CultureInfo.InvariantCulture)));
        Assert.Null(schedule.Next(Time("2026-01-01T12:00:00Z")));
        Assert.Null(schedule.StartingAt(Time("2027-01-01T00:00:00Z")).Next(DateTimeOffset.MinValue));
    }

    // Each is asked for all that there is: what searched without a bound would not come back.
    [Theory]
    [InlineData("DTSTART:20200101T060000 RRULE:FREQ=DAILY;COUNT=3", 3)]
    [InlineData("DTSTART:20200101T060000 RRULE:FREQ=DAILY;UNTIL=20200105", 5)]
    [InlineData("DTSTART:20200101T060000 RRULE:FREQ=DAILY;UNTIL=20200105T060000Z", 5)]
    [InlineData("DTSTART:20200101T060000 RRULE:FREQ=DAILY;UNTIL=20200105T055959", 4)]
    [InlineData("DTSTART:20200101T060000 RRULE:FREQ=HOURLY;INTERVAL=6;COUNT=7", 7)]
    [InlineData("DTSTART:20200101T060000 RRULE:FREQ=MINUTELY;BYHOUR=6;UNTIL=20200102T000000", 60)]
    [InlineData("DTSTART:20200101T060000 RRULE:FREQ=DAILY;COUNT=3 EXDATE:20200102T060000", 2)]
    [InlineData("DTSTART:20200101T060000 RRULE:FREQ=DAILY;COUNT=3 EXDATE;VALUE=DATE:20200102,20200103", 1)]
    [InlineData("DTSTART:20200101T060000 RRULE:FREQ=DAILY;COUNT=3 RDATE:20200102T070000,20200103T060000Z", 4)]
    [InlineData("RDATE:20200102T070000,20200102T070000,20200103T060000Z", 2)]
    [InlineData("DTSTART:20200101T000000 RRULE:FREQ=YEARLY;INTERVAL=1000", 8)]
    public void A_rule_ends(string text, int count)
    {
        var schedule = Schedule.Parse(text);

        Assert.Equal(count, schedule.After(DateTimeOffset.MinValue).Count());
        Assert.Null(schedule.Next(Time("9990-01-01T00:00:00Z")));
    }

    [Fact]
    public void Time_ends_with_the_year_9999()
    {
        foreach (var zone in new[] { "UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin" })
        {
            foreach (var text in new[] { "* * * * *", "0-59 0-23 * * *", "every 1m", "every 1d", "0 0 * * *", "RRULE:FREQ=MINUTELY", "RRULE:FREQ=DAILY", "* * * * * *" })
            {
                var schedule = Schedule.Parse(text, zone);
                var last = schedule.Between(Time("9999-12-30T00:00:00Z"), DateTimeOffset.MaxValue).Last();
                Assert.True(last.UtcTime > Time("9999-12-30T08:00:00Z"), $"{text} in {zone}: {last}");
                Assert.Null(schedule.Next(last.Time));
                Assert.Null(schedule.Next(DateTimeOffset.MaxValue));
                Assert.True(schedule.Next(DateTimeOffset.MinValue)!.Value.Time.Year <= 2001);
            }
        }
    }

    [Fact]
    public void Offsets_with_seconds_are_rounded_and_instants_are_not()
    {
        // New York was 4 hours, 56 minutes and 2 seconds behind until 1883.
        var firing = Schedule.Parse("0 0 * * *", "America/New_York").Next(Time("1880-01-01T12:00:00Z"))!.Value;

        Assert.Equal(TimeSpan.FromMinutes(-296), firing.Time.Offset);
        Assert.Equal(Time("1880-01-02T04:56:02Z"), firing.UtcTime);
    }

    [Fact]
    public void Jitter_is_the_same_on_every_host_and_keeps_the_order()
    {
        var schedule = Schedule.Parse("*/5 * * * *").WithJitter(TimeSpan.FromMinutes(20));
        var firings = schedule.After(Time("2026-01-01T00:00:00Z")).Take(200).ToList();
        var due = firings.Select(firing => schedule.DueAt("billing", firing)).ToList();

        Assert.Equal(due, firings.Select(firing => Schedule.Parse("*/5 * * * *").WithJitter(TimeSpan.FromMinutes(20)).DueAt("billing", firing)));
        Assert.NotEqual(due, firings.Select(firing => schedule.DueAt("reports", firing)));
        Assert.All(firings.Zip(due), pair => Assert.InRange(pair.Second - pair.First.Time, TimeSpan.Zero, TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1)));
        // It is spread over all the room that there is.
        Assert.Contains(firings.Zip(due), pair => pair.Second - pair.First.Time > TimeSpan.FromMinutes(4));
        Assert.Contains(firings.Zip(due), pair => pair.Second - pair.First.Time < TimeSpan.FromMinutes(1));
        // None without jitter.
        Assert.Equal(firings[0].Time, Schedule.Parse("*/5 * * * *").DueAt("billing", firings[0]));
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
