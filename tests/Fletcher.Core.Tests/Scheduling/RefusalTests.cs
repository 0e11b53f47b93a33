using CsCheck;

namespace Fletcher.Scheduling.Tests;

/// <summary>What cannot be used is refused with its place, the reason, and what is allowed.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("", 0, "expression", "it is empty", "every 15m")]
    [InlineData("   ", 0, "expression", "it is empty", "every 15m")]
    [InlineData("* * * *", 7, "expression", "4 fields", "five")]
    [InlineData("* * * * * * *", 12, "expression", "7 fields", "a year cannot be given")]
    [InlineData("0 0 * * * * * *", 12, "expression", "8 fields", "six")]
    [InlineData("hello", 5, "expression", "begins no schedule", "every 15m")]
    [InlineData("61 * * * *", 0, "minute", "61 is out of range", "0 to 59")]
    [InlineData("60 * * * *", 0, "minute", "60 is out of range", "The full hour is 0")]
    [InlineData("0 24 * * *", 2, "hour", "24 is out of range", "Midnight is 0")]
    [InlineData("0  25 * * *", 3, "hour", "25 is out of range", "0 to 23")]
    [InlineData("0 0 0 * *", 4, "day of month", "0 is out of range", "1 to 31")]
    [InlineData("0 0 32 * *", 4, "day of month", "32 is out of range", "1 to 31")]
    [InlineData("0 0 1 13 *", 6, "month", "13 is out of range", "JAN to DEC")]
    [InlineData("0 0 1 0 *", 6, "month", "0 is out of range", "January is 1")]
    [InlineData("0 0 * * 8", 8, "day of week", "8 is out of range", "0 to 7")]
    [InlineData("0 0 * * monday", 8, "day of week", "'monday' is not understood", "Did you mean 'MON'?")]
    [InlineData("0 0 * january *", 6, "month", "'january' is not understood", "Did you mean 'JAN'?")]
    [InlineData("60 0 0 * * *", 0, "second", "60 is out of range", "0 to 59")]
    [InlineData("0,,5 * * * *", 2, "minute", "a value is missing", "0 to 59")]
    [InlineData("5, * * * *", 2, "minute", "a value is missing", "0 to 59")]
    [InlineData("0 1- * * *", 4, "hour", "a value is missing", "0 to 23")]
    [InlineData("0 -1 * * *", 2, "hour", "'-1' is not understood", "0 to 23")]
    [InlineData("0 1,2,77 * * *", 6, "hour", "77 is out of range", "0 to 23")]
    [InlineData("*/0 * * * *", 2, "minute", "a step of 0", "1 to 59")]
    [InlineData("*/90 * * * *", 2, "minute", "a step of 90", "every 90m")]
    [InlineData("0 */48 * * *", 4, "hour", "a step of 48", "every 48h")]
    [InlineData("*/x * * * *", 2, "minute", "'x'", "number")]
    [InlineData("*/5/2 * * * *", 2, "minute", "'5/2'", "number")]
    [InlineData("** * * * *", 0, "minute", "'**'", "0 to 59")]
    [InlineData("? * * * *", 0, "minute", "'?'", "'*'")]
    [InlineData("H * * * *", 0, "minute", "'H'", "jitter")]
    [InlineData("L * * * *", 0, "minute", "'L'", "days only")]
    [InlineData("0 0 1,L * *", 4, "day of month", "stand alone", "L-3")]
    [InlineData("0 0 L-31 * *", 6, "day of month", "31 is out of range", "0 to 30")]
    [InlineData("0 0 32W * *", 4, "day of month", "32 is out of range", "1 to 31")]
    [InlineData("0 0 * * 5#6", 10, "day of week", "6 is out of range", "1 to 5")]
    [InlineData("0 0 * * 9L", 8, "day of week", "9 is out of range", "0 to 7")]
    [InlineData("0 0 31 2 *", 4, "day of month", "never fires", "February")]
    [InlineData("0 0 30,31 feb *", 4, "day of month", "never fires", "'feb'")]
    [InlineData("0 0 31 4,6,9,11 *", 4, "day of month", "never fires", "30")]
    [InlineData("@dayly", 0, "name", "no '@dayly'", "Did you mean '@daily'?")]
    [InlineData("@reboot", 0, "name", "is no time", "@daily")]
    [InlineData("@every 15m", 0, "name", "without '@'", "every 15m")]
    [InlineData("@daily 5", 7, "expression", "nothing may follow", "@daily")]
    [InlineData("every", 5, "interval", "missing", "every 15m")]
    [InlineData("every 15", 8, "interval", "the unit is missing", "s, m, h, d or w")]
    [InlineData("every 15 parsecs", 9, "interval", "'parsecs' is no unit", "s, m, h, d or w")]
    [InlineData("every 15 minuts", 9, "interval", "'minuts' is no unit", "Did you mean 'minute'?")]
    [InlineData("every 2 months", 8, "interval", "no fixed length", "FREQ=MONTHLY")]
    [InlineData("every 0m", 6, "interval", "out of range", "1s to 36500d")]
    [InlineData("every 99999d", 6, "interval", "out of range", "36500d")]
    [InlineData("every 99999999999999999999d", 6, "interval", "out of range", "36500d")]
    [InlineData("every 1.5h", 7, "interval", "whole numbers", "1h30m")]
    [InlineData("every -5m", 6, "interval", "whole number", "every 15m")]
    [InlineData("every 5m1h", 9, "interval", "not larger", "1h30m")]
    [InlineData("every 15m at 06:00", 10, "at", "whole days only", "anchor")]
    [InlineData("every 2d at 26:00", 12, "at", "no time of day", "23:59")]
    [InlineData("every 2d at", 11, "at", "missing", "06:00")]
    [InlineData("every 2d anchor tomorrow", 16, "anchor", "'tomorrow'", "2026-01-01T06:00")]
    [InlineData("every 2d at 06:00 sharp", 18, "at", "nothing may follow", "06:00")]
    [InlineData("RRULE:FREQ=DAYLY", 11, "FREQ", "'DAYLY' is not known", "Did you mean 'DAILY'?")]
    [InlineData("RRULE:INTERVAL=2", 6, "FREQ", "missing", "DAILY")]
    [InlineData("RRULE:FREQ=DAILY;BYHOR=3", 17, "RRULE", "no part 'BYHOR'", "Did you mean 'BYHOUR'?")]
    [InlineData("RRULE:FREQ=DAILY;BYHOUR=24", 24, "BYHOUR", "'24' is out of range", "0 to 23")]
    [InlineData("RRULE:FREQ=DAILY;BYHOUR=1,99", 26, "BYHOUR", "'99' is out of range", "0 to 23")]
    [InlineData("RRULE:FREQ=DAILY;;BYHOUR=1", 17, "RRULE", "missing", "NAME=VALUE")]
    [InlineData("RRULE:FREQ=DAILY;FREQ=WEEKLY", 17, "FREQ", "twice", "commas")]
    [InlineData("RRULE:FREQ=DAILY;INTERVAL=0", 26, "INTERVAL", "'0' is out of range", "1 to")]
    [InlineData("RRULE:FREQ=MONTHLY;BYMONTHDAY=0", 30, "BYMONTHDAY", "'0' is out of range", "-1 to -31")]
    [InlineData("RRULE:FREQ=MONTHLY;BYDAY=6MO", 25, "BYDAY", "'6' is out of range", "1 to 5")]
    [InlineData("RRULE:FREQ=WEEKLY;BYDAY=1MO", 24, "BYDAY", "has a number", "Did you mean 'MO'?")]
    [InlineData("RRULE:FREQ=WEEKLY;BYDAY=MON", 24, "BYDAY", "'MON' is no day", "MO, TU")]
    [InlineData("RRULE:FREQ=DAILY;BYYEARDAY=3", 27, "BYYEARDAY", "cannot stand", "FREQ=DAILY")]
    [InlineData("RRULE:FREQ=MONTHLY;BYWEEKNO=3", 28, "BYWEEKNO", "YEARLY only", "YEARLY")]
    [InlineData("RRULE:FREQ=WEEKLY;BYMONTHDAY=3", 29, "BYMONTHDAY", "cannot stand", "MONTHLY")]
    [InlineData("RRULE:FREQ=DAILY;BYSETPOS=1", 26, "BYSETPOS", "there is none", "BY")]
    [InlineData("RRULE:FREQ=DAILY;COUNT=3", 23, "COUNT", "a first time is needed", "DTSTART")]
    [InlineData("DTSTART:20260101T060000 RRULE:FREQ=DAILY;COUNT=3;UNTIL=20260201", 55, "UNTIL", "beside COUNT", "one of the two")]
    [InlineData("DTSTART:2026-01-01 RRULE:FREQ=DAILY", 8, "DTSTART", "is no time", "20260131T060000")]
    [InlineData("DTSTART;TZID=Europe/Paris:20260101T060000 RRULE:FREQ=DAILY", 8, "DTSTART TZID", "'Europe/Paris' is not", "UTC")]
    [InlineData("DTSTART:20260101T060000", 23, "RRULE", "neither", "RDATE")]
    [InlineData("RRULE:FREQ=DAILY RRULE:FREQ=WEEKLY", 23, "RRULE", "second RRULE", "schedule for each")]
    [InlineData("RRULE:FREQ=DAILY EXRULE:FREQ=WEEKLY", 17, "property", "EXRULE", "EXDATE")]
    [InlineData("BEGIN:VCALENDAR", 0, "property", "whole calendar", "RRULE")]
    [InlineData("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 6, "RRULE", "never fires", "no date")]
    [InlineData("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31", 6, "RRULE", "never fires", "no date")]
    [InlineData("RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=31", 6, "RRULE", "never fires", "no date")]
    [InlineData("DTSTART:20260101T060000 RRULE:FREQ=DAILY;COUNT=1 EXDATE:20260101", 30, "RRULE", "never fires", "excluded")]
    public void Expressions(string text, int position, string field, string reason, string allowed)
    {
        Assert.False(Schedule.TryParse(text, "UTC", out _, out var refusal));

        Assert.Equal((position, field), (refusal.Position, refusal.Field));
        Assert.Equal("FLT1701", refusal.Id);
        Assert.Equal(text, refusal.Text);
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
        Assert.Contains(allowed, refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"{field}, at index {position}: ", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Europe/Berln", "Did you mean 'Europe/Berlin'?")]
    [InlineData("europe/berlin", "Did you mean 'Europe/Berlin'?")]
    [InlineData("New York", "Did you mean 'America/New_York'?")]
    [InlineData("W. Europe Standard Time", "Did you mean 'Europe/Berlin'?")]
    [InlineData("UTC+02:00", "IANA")]
    [InlineData("", "Europe/Berlin or UTC")]
    public void Zones_that_do_not_exist(string zone, string hint)
    {
        var refusal = Assert.Throws<ScheduleFormatException>(() => Schedule.Parse("@daily", zone));

        Assert.Equal(("FLT1702", "zone"), (refusal.Id, refusal.Field));
        Assert.Contains(hint, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_of_factories()
    {
        Assert.Equal("interval", Assert.Throws<ScheduleFormatException>(() => Schedule.Every(TimeSpan.FromMilliseconds(1_500))).Field);
        Assert.Equal("interval", Assert.Throws<ScheduleFormatException>(() => Schedule.Every(TimeSpan.Zero)).Field);
        Assert.Equal("anchor", Assert.Throws<ScheduleFormatException>(() => Schedule.Every(TimeSpan.FromDays(1), anchor: DateTime.MinValue)).Field);
        Assert.Equal("day of month", Assert.Throws<ScheduleFormatException>(() => Schedule.Monthly(0, new TimeOnly(6, 0))).Field);
        Assert.Throws<ScheduleFormatException>(() => Schedule.Cron("every 15m"));
        Assert.Throws<ScheduleFormatException>(() => Schedule.Rule("0 6 * * *"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Daily(new TimeOnly(6, 0)).WithJitter(TimeSpan.FromSeconds(-1)));
    }

    // Whatever is written, it is used or refused within its text, and never by another exception.
    [Fact]
    public void Anything()
    {
        var pieces = Tests.Expressions.One("*", "0", "/", "-", ",", " ", "L", "W", "#", "MON", "every ", "1d", "RRULE:", "FREQ=DAILY", ";", "BYDAY=", "DTSTART:", "20260101", "T0", "@", "?", ":", "=", "COUNT=", "\n", "é", "99999999999");
        Gen.OneOf(pieces.Array[0, 12].Select(string.Concat), Gen.String[0, 30]).Sample(text =>
        {
            if (!Schedule.TryParse(text, "Europe/Berlin", out var schedule, out var refusal))
                Assert.InRange(refusal.Position, 0, text.Length);
            else
                Assert.NotEmpty(schedule.Describe());
        }, iter: ZoneChanges.IsLong ? 1_000_000 : 5_000);
    }
}
