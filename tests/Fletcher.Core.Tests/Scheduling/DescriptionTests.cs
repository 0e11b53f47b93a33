namespace Fletcher.Scheduling.Tests;

public sealed class DescriptionTests
{
    [Theory]
    [InlineData("0 6 1 * *", "at 06:00 on the 1st of every month")]
    [InlineData("0 6 * * *", "at 06:00 every day")]
    [InlineData("0,30 6,18 * * *", "at 06:00, 06:30, 18:00 and 18:30 every day")]
    [InlineData("15 30 6 * * *", "at 06:30:15 every day")]
    [InlineData("@hourly", "at minute 0 of every hour every day")]
    [InlineData("* * * * *", "every minute")]
    [InlineData("* * * * * *", "every second")]
    [InlineData("*/10 * * * * *", "every 10 seconds")]
    [InlineData("*/15 * * * *", "every 15 minutes")]
    [InlineData("5/15 * * * *", "at minutes 5, 20, 35 and 50 of every hour every day")]
    [InlineData("*/7 * * * *", "by the cron expression '*/7 * * * *'")]
    [InlineData("*/15 9-17 * * mon-fri", "every 15 minutes from 09:00 to 17:45 from Monday to Friday")]
    [InlineData("5 9-17 * * *", "every hour from 09:05 to 17:05")]
    [InlineData("5 */2 * * *", "at minute 5 of every 2nd hour from 00:05 on every day")]
    [InlineData("0 6 * * 1,5", "at 06:00 on Mondays and Fridays")]
    [InlineData("0 6 * * 6-0", "at 06:00 on Saturdays and Sundays")]
    [InlineData("0 6 2,3,11,22 1,7 *", "at 06:00 on the 2nd, 3rd, 11th and 22nd of January and July")]
    [InlineData("0 6 * 12 *", "at 06:00 every day in December")]
    [InlineData("0 6 L * *", "at 06:00 on the last day of every month")]
    [InlineData("0 6 LW * *", "at 06:00 on the last weekday of every month")]
    [InlineData("0 6 15W * *", "at 06:00 on the weekday nearest the 15th of every month")]
    [InlineData("0 6 * * 5L", "at 06:00 on the last Friday of every month")]
    [InlineData("0 6 * * mon#2", "at 06:00 on the second Monday of every month")]
    [InlineData("0 6 13 * fri", "at 06:00 on the 13th of every month, and also on Fridays")]
    [InlineData("0 6 */2 * fri", "by the cron expression '0 6 */2 * fri'")]
    [InlineData("0 6 L-3 * *", "by the cron expression '0 6 L-3 * *'")]
    [InlineData("every 15m", "every 15 minutes")]
    [InlineData("every 1h", "every hour")]
    [InlineData("every 1h30m", "every 1 hour and 30 minutes")]
    [InlineData("every day", "at 00:00 every day")]
    [InlineData("every 2d at 06:00", "at 06:00 every 2 days, counted from 2001-01-01")]
    [InlineData("every 5h anchor 2026-01-01T00:10", "every 5 hours, counted from 2026-01-01 00:10")]
    [InlineData("RRULE:FREQ=MONTHLY;BYDAY=1MO;BYHOUR=6", "at 06:00 on the first Monday of every month")]
    [InlineData("RRULE:FREQ=MONTHLY;BYMONTHDAY=15,-1;BYHOUR=6", "at 06:00 on the 15th and last day of every month")]
    [InlineData("RRULE:FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=6", "at 06:00 on Mondays and Wednesdays")]
    [InlineData("DTSTART:20260106T060000 RRULE:FREQ=WEEKLY;INTERVAL=2", "at 06:00 on Tuesdays of every 2nd week, from 2026-01-06 06:00 on")]
    [InlineData("DTSTART:20260101T060000 RRULE:FREQ=DAILY;COUNT=10", "at 06:00 every day, from 2026-01-01 06:00 on, 10 times")]
    [InlineData("DTSTART:20260101T060000 RRULE:FREQ=YEARLY;UNTIL=20300101 EXDATE:20270101", "at 06:00 on the 1st of January every year, from 2026-01-01 06:00 on, until 2030-01-01 23:59:59, without 1 excluded date")]
    [InlineData("RRULE:FREQ=HOURLY;INTERVAL=5", "every 5 hours, counted from 2001-01-01 00:00")]
    [InlineData("RRULE:FREQ=HOURLY;BYDAY=MO", "by the rule 'RRULE:FREQ=HOURLY;BYDAY=MO'")]
    [InlineData("RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "by the rule 'RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1'")]
    [InlineData("RDATE:20260101T060000", "at 2026-01-01 06:00:00")]
    public void One_sentence(string text, string expected) =>
        Assert.Equal(expected + ", Europe/Berlin", Schedule.Parse(text, "Europe/Berlin").Describe());

    [Fact]
    public void What_narrows_it_is_said_too() =>
        Assert.Equal(
            "at 06:00 every day, UTC, not before 2026-01-01 00:00:00+00:00, only before 2027-01-01 00:00:00+00:00, except on excluded days, up to 1 minute and 30 seconds later",
            Schedule.Daily(new TimeOnly(6, 0))
                .StartingAt(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).EndingAt(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero))
                .Except(ExcludedDays.Of(new DateOnly(2026, 12, 25))).WithJitter(TimeSpan.FromSeconds(90)).Describe());
}
