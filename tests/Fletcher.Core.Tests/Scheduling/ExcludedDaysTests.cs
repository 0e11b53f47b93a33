using System.Globalization;

namespace Fletcher.Scheduling.Tests;

public sealed class ExcludedDaysTests
{
    private const string Holidays = """
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Fletcher//Tests//EN
        BEGIN:VEVENT
        UID:christmas
        SUMMARY:Christmas
        DTSTART;VALUE=DATE:20001225
        DTEND;VALUE=DATE:20001227
        RRULE:FREQ=YEARLY
        END:VEVENT
        BEGIN:VEVENT
        UID:new-year
        SUMMARY:From one year to the next
        DTSTART;VALUE=DATE:20271230
        DTEND;VALUE=DATE:20280103
        END:VEVENT
        BEGIN:VEVENT
        UID:inventory
        SUMMARY:Inventory
        DTSTART;TZID=Europe/Berlin:20260630T180000
        DTEND;TZID=Europe/Berlin:20260701T020000
        END:VEVENT
        BEGIN:VEVENT
        UID:cancelled
        STATUS:CANCELLED
        DTSTART;VALUE=DATE:20260801
        END:VEVENT
        END:VCALENDAR
        """;

    [Fact]
    public void A_list_of_days_is_left_out()
    {
        var schedule = Schedule.Parse("0 */6 * * *", "Europe/Berlin").Except(ExcludedDays.Of(new DateOnly(2026, 1, 2), new DateOnly(2026, 1, 4)));

        Assert.Equal(["01-01 18:00", "01-03 00:00", "01-03 06:00", "01-03 12:00", "01-03 18:00", "01-05 00:00"],
            schedule.After(Time("2026-01-01T12:00:00Z")).Take(6).Select(firing => firing.Time.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("2026-12-24", false)]
    [InlineData("2026-12-25", true)]
    [InlineData("2026-12-26", true)]
    [InlineData("2026-12-27", false)]
    [InlineData("2150-12-26", true)]
    [InlineData("1999-12-25", false)]
    [InlineData("2027-12-29", false)]
    [InlineData("2027-12-31", true)]
    [InlineData("2028-01-01", true)]
    [InlineData("2028-01-02", true)]
    [InlineData("2028-01-03", false)]
    [InlineData("2026-06-30", true)]
    [InlineData("2026-07-01", true)]
    [InlineData("2026-07-02", false)]
    [InlineData("2026-08-01", false)]
    public void Events_of_a_calendar_exclude_the_days_that_they_touch(string day, bool isExcluded) =>
        Assert.Equal(isExcluded, ExcludedDays.FromIcs(Holidays).Contains(DateOnly.Parse(day, CultureInfo.InvariantCulture)));

    [Fact]
    public void Calendars_and_lists_add_up()
    {
        var schedule = Schedule.Parse("@daily").Except(ExcludedDays.FromIcs(Holidays)).Except(ExcludedDays.Of(new DateOnly(2026, 12, 24)));

        Assert.Equal(27, schedule.Next(Time("2026-12-23T00:00:00Z"))!.Value.Time.Day);
    }

    [Fact]
    public void A_schedule_whose_days_are_all_excluded_says_so()
    {
        var always = Holidays.Replace("FREQ=YEARLY", "FREQ=DAILY", StringComparison.Ordinal);

        Assert.Null(Schedule.Parse("* * * * *").Except(ExcludedDays.FromIcs(always)).Next(Time("2026-01-01T00:00:00Z")));
        Assert.Null(Schedule.Parse("0 0 25 12 *").Except(ExcludedDays.FromIcs(Holidays)).Next(Time("2026-01-01T00:00:00Z")));
    }

    [Fact]
    public void Nothing_is_lost_where_midnight_occurs_twice()
    {
        // On 2006-10-29, one minute after midnight, St. John's went back to 23:01 of the day before.
        var schedule = Schedule.Parse("*/10 * * * *", "America/St_Johns");
        var (from, to) = (Time("2006-10-28T00:00:00Z"), Time("2006-10-31T00:00:00Z"));
        foreach (var day in new[] { 28, 29 })
        {
            Assert.Equal(
                schedule.Between(from, to).Where(firing => firing.Time.Day != day),
                schedule.Except(ExcludedDays.Of(new DateOnly(2006, 10, day))).Between(from, to));
        }
    }

    [Theory]
    [InlineData("holidays.ics", 0, "BEGIN:VCALENDAR")]
    [InlineData("BEGIN:VCALENDAR\r\nEND:VCALENDAR", 0, "no event")]
    [InlineData("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260101T000000\r\nRRULE:FREQ=HOURLY\r\nEND:VEVENT\r\nEND:VCALENDAR", 69, "repeats within a day")]
    [InlineData("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20300101\r\nEND:VEVENT\r\nEND:VCALENDAR", 35, "longer than 366 days")]
    [InlineData("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\nEND:VCALENDAR", 35, "no DTSTART")]
    [InlineData("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:nonsense\r\nEND:VEVENT\r\nEND:VCALENDAR", 0, "")]
    public void What_is_no_calendar_is_refused(string ics, int position, string reason)
    {
        var refusal = Assert.Throws<ScheduleFormatException>(() => ExcludedDays.FromIcs(ics));

        Assert.Equal(("FLT1703", "calendar", position), (refusal.Id, refusal.Field, refusal.Position));
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
