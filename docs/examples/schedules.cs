#:package Fletcher@*
using Fletcher.Scheduling;

#region make
Schedule[] schedules =
[
    Schedule.Parse("0 6 1 * *", "Europe/Berlin"),
    Schedule.Parse("every 2d at 06:00", "America/New_York"),
    Schedule.Parse("DTSTART:20260105T060000 RRULE:FREQ=MONTHLY;BYDAY=1MO EXDATE:20260504", "UTC"),
    Schedule.Weekly(DayOfWeek.Friday, new TimeOnly(17, 0), "Australia/Sydney"),
    Schedule.Every(TimeSpan.FromMinutes(15)),
];
foreach (var schedule in schedules)
    Console.WriteLine($"{schedule.Next(Day("2026-03-28"))}  {schedule.Describe()}");
#endregion

#region clocks
string[] texts =
[
    "30 2 * * *", "30 2,3 * * *", "0,30 2 * * *", "*/30 * * * *", "*/30 2 * * *", "every 1d at 02:30", "every 1h",
    "RRULE:FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "RRULE:FREQ=HOURLY",
];
foreach (var day in new[] { "2026-03-29", "2026-10-25" })
{
    Console.WriteLine($"{day}, 01:00 to 04:00");
    foreach (var text in texts)
    {
        var firings = Schedule.Parse(text, "Europe/Berlin").Between(Day(day), Day(day).AddHours(3));
        Console.WriteLine($"  {text,-38}{string.Join(' ', firings.Select(firing => $"{firing.Time:HH:mmzzz}"))}");
    }
}
#endregion

#region refused
foreach (var text in new[] { "0 25 * * *", "0 6 * * monday", "0 0 31 2 *", "*/90 * * * *", "every 2 months", "RRULE:FREQ=DAILY;BYHOR=6" })
{
    if (!Schedule.TryParse(text, "Europe/Berlin", out _, out var refusal))
        Console.WriteLine($"{text}\n{new string(' ', refusal.Position)}^ {refusal.Field}: {refusal.Reason}");
}
#endregion

File.WriteAllText("holidays.ics", """
    BEGIN:VCALENDAR
    BEGIN:VEVENT
    UID:christmas
    DTSTART;VALUE=DATE:20001225
    DTEND;VALUE=DATE:20001227
    RRULE:FREQ=YEARLY
    END:VEVENT
    BEGIN:VEVENT
    UID:new-year
    DTSTART;VALUE=DATE:20010101
    RRULE:FREQ=YEARLY
    END:VEVENT
    END:VCALENDAR
    """);

#region narrow
var report = Schedule.Parse("0 6 * * mon-fri", "Europe/Berlin")
    .StartingAt(Day("2026-12-21"))
    .EndingAt(Day("2027-01-05"))
    .Except(ExcludedDays.FromIcs(File.ReadAllText("holidays.ics")))
    .Except(ExcludedDays.Of(new DateOnly(2026, 12, 24)))
    .WithJitter(TimeSpan.FromMinutes(10));
foreach (var firing in report.After(Day("2026-01-01")))
    Console.WriteLine($"{firing}, due at {report.DueAt("report", firing):HH:mm:ss}");
#endregion

#region catch-up
var hourly = Schedule.Parse("0 * * * *");
var (lastHandled, now) = (Day("2026-03-01").AddHours(5), Day("2026-03-01").AddHours(9.5));
foreach (var policy in Enum.GetValues<CatchUpPolicy>())
{
    var due = new CatchUp { Policy = policy, Window = TimeSpan.FromHours(2) }.Due(hourly, "hourly", lastHandled, now);
    Console.WriteLine($"{policy}: {string.Join(' ', due.Select(firing => $"{firing.Time:HH:mm}"))}");
}

DateTimeOffset[] handled = [Day("2026-03-02"), Day("2026-03-04")];
var gaps = Backfill.Gaps(Schedule.Parse("@daily"), Day("2026-03-01"), Day("2026-03-06"), handled, BackfillOrder.NewestFirst);
Console.WriteLine(string.Join(' ', gaps.Select(firing => $"{firing.Time:yyyy-MM-dd}")));
#endregion

static DateTimeOffset Day(string day) => DateTimeOffset.Parse(day + "T00:00Z");
