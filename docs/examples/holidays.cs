#:package Fletcher@*
using Fletcher.Scheduling;

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

static DateTimeOffset Day(string day) => DateTimeOffset.Parse(day + "T00:00Z");
