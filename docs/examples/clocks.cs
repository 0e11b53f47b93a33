#:package Fletcher@*
using Fletcher.Scheduling;

#region clocks
string[] texts =
[
    "30 2 * * *", "30 2,3 * * *", "0,30 2 * * *", "*/30 * * * *", "*/30 2 * * *", "every 1d at 02:30", "every 1h",
    "RRULE:FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "RRULE:FREQ=HOURLY",
];
foreach (var day in new[] { "2026-03-29", "2026-10-25" })
{
    Console.WriteLine($"{day}, Europe/Berlin");
    foreach (var text in texts)
    {
        var firings = Schedule.Parse(text, "Europe/Berlin").Between(Day(day), Day(day).AddHours(3));
        Console.WriteLine($"  {text,-38} {string.Join(' ', firings.Select(firing => $"{firing.Time:HH:mmzzz}"))}".TrimEnd());
    }
}
#endregion

static DateTimeOffset Day(string day) => DateTimeOffset.Parse(day + "T00:00Z");
