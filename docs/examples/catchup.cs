#:package Fletcher@*
using Fletcher.Scheduling;

#region catch-up
var hourly = Schedule.Parse("0 * * * *");
var (lastHandled, now) = (Day("2026-03-01").AddHours(5), Day("2026-03-01").AddHours(9.5));
foreach (var policy in Enum.GetValues<CatchUpPolicy>())
{
    var due = new CatchUp { Policy = policy, Window = TimeSpan.FromHours(2) }.Due(hourly, "hourly", lastHandled, now);
    Console.WriteLine($"{policy}: {string.Join(' ', due.Select(firing => $"{firing.Time:HH:mm}"))}".TrimEnd());
}

DateTimeOffset[] handled = [Day("2026-03-02"), Day("2026-03-04")];
var gaps = Backfill.Gaps(Schedule.Parse("@daily"), Day("2026-03-01"), Day("2026-03-06"), handled, BackfillOrder.NewestFirst);
Console.WriteLine(string.Join(' ', gaps.Select(firing => $"{firing.Time:yyyy-MM-dd}")));
#endregion

#region why
var known = new Punctuality
{
    Schedule = Schedule.Parse("0 6 * * *", "Europe/Berlin"),
    ScheduleId = "billing",
    Now = Day("2026-03-10").AddHours(5).AddMinutes(3),
    LastHandled = Day("2026-03-09").AddHours(5),
    LastLook = Day("2026-03-10").AddHours(5).AddMinutes(3),
};
Console.WriteLine(known.Explain());
Console.WriteLine((known with { LastLook = Day("2026-03-10").AddHours(4) }).Explain());
Console.WriteLine((known with { Overlap = OverlapPolicy.Skip, RunningSince = Day("2026-03-09").AddHours(5) }).Explain());
Console.WriteLine((known with { LastHandled = Day("2026-03-10").AddHours(5) }).Explain());
#endregion

static DateTimeOffset Day(string day) => DateTimeOffset.Parse(day + "T00:00Z");
