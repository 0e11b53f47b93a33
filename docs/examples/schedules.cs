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

static DateTimeOffset Day(string day) => DateTimeOffset.Parse(day + "T00:00Z");
