using System.Globalization;

namespace Fletcher.Scheduling.Tests;

/// <summary>What happens where clocks are changed, as tables to read.</summary>
public sealed class ClockChangeTableTests
{
    [Theory]
    // Berlin, 2026-03-29: 02:00 becomes 03:00.
    [InlineData("Europe/Berlin", "30 2 * * *", "2026-03-28", "2026-03-28T02:30:00+01:00 2026-03-29T03:00:00+02:00 2026-03-30T02:30:00+02:00")]
    [InlineData("Europe/Berlin", "0,30 2 * * *", "2026-03-29", "2026-03-29T03:00:00+02:00 2026-03-30T02:00:00+02:00")]
    [InlineData("Europe/Berlin", "30 2,3 * * *", "2026-03-29", "2026-03-29T03:00:00+02:00 2026-03-29T03:30:00+02:00 2026-03-30T02:30:00+02:00")]
    [InlineData("Europe/Berlin", "0 2,3 * * *", "2026-03-29", "2026-03-29T03:00:00+02:00 2026-03-30T02:00:00+02:00")]
    [InlineData("Europe/Berlin", "30 * * * *", "2026-03-29T01:00", "2026-03-29T01:30:00+01:00 2026-03-29T03:30:00+02:00 2026-03-29T04:30:00+02:00")]
    [InlineData("Europe/Berlin", "*/30 2 * * *", "2026-03-29", "2026-03-30T02:00:00+02:00 2026-03-30T02:30:00+02:00")]
    [InlineData("Europe/Berlin", "0 */2 * * *", "2026-03-29", "2026-03-29T00:00:00+01:00 2026-03-29T04:00:00+02:00 2026-03-29T06:00:00+02:00")]
    [InlineData("Europe/Berlin", "every 1d at 02:30", "2026-03-28", "2026-03-28T02:30:00+01:00 2026-03-29T03:00:00+02:00 2026-03-30T02:30:00+02:00")]
    [InlineData("Europe/Berlin", "every 2h anchor 2026-03-28T22:00", "2026-03-28T22:00", "2026-03-28T22:00:00+01:00 2026-03-29T00:00:00+01:00 2026-03-29T03:00:00+02:00 2026-03-29T05:00:00+02:00")]
    [InlineData("Europe/Berlin", "RRULE:FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "2026-03-28", "2026-03-28T02:30:00+01:00 2026-03-29T03:00:00+02:00 2026-03-30T02:30:00+02:00")]
    [InlineData("Europe/Berlin", "RRULE:FREQ=HOURLY", "2026-03-29T01:00", "2026-03-29T01:00:00+01:00 2026-03-29T03:00:00+02:00 2026-03-29T04:00:00+02:00")]
    [InlineData("Europe/Berlin", "RRULE:FREQ=HOURLY;BYDAY=MO", "2026-03-29", "2026-03-30T00:00:00+02:00 2026-03-30T01:00:00+02:00")]
    // Berlin, 2026-10-25: 03:00 becomes 02:00.
    [InlineData("Europe/Berlin", "30 2 * * *", "2026-10-24", "2026-10-24T02:30:00+02:00 2026-10-25T02:30:00+02:00 2026-10-26T02:30:00+01:00")]
    [InlineData("Europe/Berlin", "30 2-3 * * *", "2026-10-25", "2026-10-25T02:30:00+02:00 2026-10-25T03:30:00+01:00 2026-10-26T02:30:00+01:00")]
    [InlineData("Europe/Berlin", "30 * * * *", "2026-10-25T01:00", "2026-10-25T01:30:00+02:00 2026-10-25T02:30:00+02:00 2026-10-25T02:30:00+01:00 2026-10-25T03:30:00+01:00")]
    [InlineData("Europe/Berlin", "*/30 2 * * *", "2026-10-25", "2026-10-25T02:00:00+02:00 2026-10-25T02:30:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T02:30:00+01:00 2026-10-26T02:00:00+01:00")]
    [InlineData("Europe/Berlin", "every 1h", "2026-10-25T01:00", "2026-10-25T01:00:00+02:00 2026-10-25T02:00:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T03:00:00+01:00")]
    [InlineData("Europe/Berlin", "every 24h at 02:30", "2026-10-25", "2026-10-25T02:30:00+02:00 2026-10-26T02:30:00+01:00")]
    [InlineData("Europe/Berlin", "RRULE:FREQ=HOURLY", "2026-10-25T01:00", "2026-10-25T01:00:00+02:00 2026-10-25T02:00:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T03:00:00+01:00")]
    [InlineData("Europe/Berlin", "RRULE:FREQ=HOURLY;BYHOUR=2", "2026-10-25T01:00", "2026-10-25T02:00:00+02:00 2026-10-25T02:00:00+01:00 2026-10-26T02:00:00+01:00")]
    // New York, 2026-03-08 and 2026-11-01.
    [InlineData("America/New_York", "15 2 * * *", "2026-03-08", "2026-03-08T03:00:00-04:00 2026-03-09T02:15:00-04:00")]
    [InlineData("America/New_York", "15 1 * * *", "2026-11-01", "2026-11-01T01:15:00-04:00 2026-11-02T01:15:00-05:00")]
    [InlineData("America/New_York", "15 */1 * * *", "2026-11-01T01:00", "2026-11-01T01:15:00-04:00 2026-11-01T01:15:00-05:00 2026-11-01T02:15:00-05:00")]
    // Sydney, southern hemisphere: 2026-04-05 back, 2026-10-04 forward.
    [InlineData("Australia/Sydney", "30 2 * * *", "2026-04-05", "2026-04-05T02:30:00+11:00 2026-04-06T02:30:00+10:00")]
    [InlineData("Australia/Sydney", "30 2 * * *", "2026-10-04", "2026-10-04T03:00:00+11:00 2026-10-05T02:30:00+11:00")]
    // Lord Howe moves by half an hour: 2026-04-05 02:00 becomes 01:30, 2026-10-04 02:00 becomes 02:30.
    [InlineData("Australia/Lord_Howe", "45 1 * * *", "2026-04-05", "2026-04-05T01:45:00+11:00 2026-04-06T01:45:00+10:30")]
    [InlineData("Australia/Lord_Howe", "*/15 1 * * *", "2026-04-05", "2026-04-05T01:00:00+11:00 2026-04-05T01:15:00+11:00 2026-04-05T01:30:00+11:00 2026-04-05T01:45:00+11:00 2026-04-05T01:30:00+10:30 2026-04-05T01:45:00+10:30")]
    [InlineData("Australia/Lord_Howe", "15 2 * * *", "2026-10-04", "2026-10-04T02:30:00+11:00 2026-10-05T02:15:00+11:00")]
    [InlineData("Australia/Lord_Howe", "every 1h", "2026-10-04T01:00", "2026-10-04T01:30:00+10:30 2026-10-04T03:00:00+11:00 2026-10-04T04:00:00+11:00")]
    // Santiago changes at midnight: 2026-09-06 begins at 01:00.
    [InlineData("America/Santiago", "0 0 * * *", "2026-09-05", "2026-09-05T00:00:00-04:00 2026-09-06T01:00:00-03:00 2026-09-07T00:00:00-03:00")]
    [InlineData("America/Santiago", "30 23 * * *", "2026-04-04", "2026-04-04T23:30:00-03:00 2026-04-05T23:30:00-04:00")]
    // Apia had no 2011-12-30.
    [InlineData("Pacific/Apia", "0 9 * * *", "2011-12-29", "2011-12-29T09:00:00-10:00 2011-12-31T00:00:00+14:00 2011-12-31T09:00:00+14:00 2012-01-01T09:00:00+14:00")]
    [InlineData("Pacific/Apia", "0 9 30 * *", "2011-12-01", "2011-12-31T00:00:00+14:00 2012-01-30T09:00:00+14:00")]
    [InlineData("Pacific/Apia", "0 0 * * *", "2011-12-29", "2011-12-29T00:00:00-10:00 2011-12-31T00:00:00+14:00 2012-01-01T00:00:00+14:00")]
    [InlineData("Pacific/Apia", "0 */12 * * *", "2011-12-29T10:00", "2011-12-29T12:00:00-10:00 2011-12-31T00:00:00+14:00 2011-12-31T12:00:00+14:00")]
    [InlineData("Pacific/Apia", "every 2d anchor 2011-12-28T09:00", "2011-12-27", "2011-12-28T09:00:00-10:00 2011-12-31T00:00:00+14:00 2012-01-01T09:00:00+14:00")]
    [InlineData("Pacific/Apia", "every 6h anchor 2011-12-29T18:00", "2011-12-29T18:00", "2011-12-29T18:00:00-10:00 2011-12-31T00:00:00+14:00 2011-12-31T06:00:00+14:00")]
    // Casablanca goes back for Ramadan: 2026-02-15 and 2026-03-22.
    [InlineData("Africa/Casablanca", "30 2 * * *", "2026-02-15", "2026-02-15T02:30:00+01:00 2026-02-16T02:30:00+00:00")]
    [InlineData("Africa/Casablanca", "30 2 * * *", "2026-03-22", "2026-03-22T03:00:00+01:00 2026-03-23T02:30:00+01:00")]
    public void Fires_at(string zone, string text, string localStart, string expected) =>
        Assert.Equal(expected, string.Join(' ', Fires(Schedule.Parse(text, zone), localStart, expected.Split(' ').Length)));

    [Theory]
    [InlineData("0 0 29 2 *", "2026-01-01", "2028-02-29T00:00:00+00:00 2032-02-29T00:00:00+00:00")]
    [InlineData("0 0 29 2 *", "2096-03-01", "2104-02-29T00:00:00+00:00")]
    [InlineData("0 0 29 2 */7", "2026-01-01", "2032-02-29T00:00:00+00:00 2060-02-29T00:00:00+00:00")]
    [InlineData("0 12 L * *", "2028-01-31", "2028-01-31T12:00:00+00:00 2028-02-29T12:00:00+00:00 2028-03-31T12:00:00+00:00")]
    [InlineData("DTSTART:20240229T120000 RRULE:FREQ=YEARLY", "2024-03-01", "2028-02-29T12:00:00+00:00 2032-02-29T12:00:00+00:00")]
    [InlineData("0 0 1 1 *", "9998-12-01", "9999-01-01T00:00:00+00:00")]
    public void Leap_days_and_ends_of_months(string text, string start, string expected) =>
        Assert.Equal(expected, string.Join(' ', Fires(Schedule.Parse(text), start, expected.Split(' ').Length)));

    [Theory]
    // Either day is enough when neither field begins with a star; both are needed when one does.
    [InlineData("0 0 13 * 5", "2026-02-01", "2026-02-06 2026-02-13 2026-02-20 2026-02-27 2026-03-06 2026-03-13")]
    [InlineData("0 0 13 * fri#2", "2026-02-01", "2026-02-13 2026-03-13 2026-04-10 2026-04-13")]
    [InlineData("0 0 */2 * 5", "2026-02-01", "2026-02-13 2026-02-27 2026-03-13 2026-03-27")]
    [InlineData("0 0 13 * */5", "2026-02-01", "2026-02-13 2026-03-13 2026-09-13")]
    [InlineData("0 0 ? * 5", "2026-02-01", "2026-02-06 2026-02-13")]
    [InlineData("0 0 1 * 1-7", "2026-02-01", "2026-02-01 2026-02-02 2026-02-03")]
    [InlineData("0 0 * * sat-sun", "2026-02-01", "2026-02-01 2026-02-07 2026-02-08")]
    [InlineData("0 0 28-2 nov-feb *", "2026-02-01", "2026-02-01 2026-02-02 2026-02-28 2026-11-01 2026-11-02 2026-11-28")]
    [InlineData("0 0 L-2 * *", "2026-02-01", "2026-02-26 2026-03-29")]
    [InlineData("0 0 15W * *", "2026-02-01", "2026-02-16 2026-03-16 2026-04-15 2026-05-15")]
    [InlineData("0 0 LW * *", "2026-02-01", "2026-02-27 2026-03-31")]
    [InlineData("0 0 * * FRIL", "2026-02-01", "2026-02-27 2026-03-27")]
    [InlineData("0 0 * * 7", "2026-02-01", "2026-02-01 2026-02-08")]
    public void Days_of_cron_expressions(string text, string start, string expected) =>
        Assert.Equal(expected, string.Join(' ', Schedule.Cron(text).Between(Local(start, TimeSpan.Zero), DateTimeOffset.MaxValue)
            .Take(expected.Split(' ').Length).Select(firing => firing.Time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))));

    private static IEnumerable<Firing> Fires(Schedule schedule, string localStart, int count)
    {
        // The offset before the change that the row is about; an hour either way leads to no other firing.
        var guess = Local(localStart, TimeSpan.Zero);
        var offset = NodaTime.DateTimeZoneProviders.Tzdb[schedule.Zone].GetUtcOffset(NodaTime.Instant.FromDateTimeOffset(guess)).ToTimeSpan();
        var start = Local(localStart, offset);
        offset = NodaTime.DateTimeZoneProviders.Tzdb[schedule.Zone].GetUtcOffset(NodaTime.Instant.FromDateTimeOffset(start)).ToTimeSpan();
        return schedule.Between(Local(localStart, offset), DateTimeOffset.MaxValue).Take(count);
    }

    private static DateTimeOffset Local(string local, TimeSpan offset) =>
        new(DateTime.Parse(local, CultureInfo.InvariantCulture, DateTimeStyles.None), offset);
}
