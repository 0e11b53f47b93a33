using System.Globalization;

namespace Fletcher.Scheduling.Tests;

public sealed class PunctualityTests
{
    private static readonly Punctuality Daily = new()
    {
        Schedule = Schedule.Parse("0 6 * * *", "Europe/Berlin"),
        ScheduleId = "billing",
        Now = Time("2026-03-10T05:03:10Z"),
        LastHandled = Time("2026-03-09T05:00:00Z"),
        LastLook = Time("2026-03-10T05:03:00Z"),
    };

    [Fact]
    public void Why_late() => Assert.Equal(
        "The firing of 2026-03-10 06:00:00+01:00 is 3 minutes and 10 seconds late: the next host that looks for firings starts it.", Daily.Explain());

    [Fact]
    public void No_host() => Assert.Equal(
        "The firing of 2026-03-10 06:00:00+01:00 is 3 minutes and 10 seconds late: no host has looked for firings since 2026-03-10 05:59:00+01:00. Start one.",
        (Daily with { LastLook = Time("2026-03-10T04:59:00Z") }).Explain());

    [Fact]
    public void No_host_ever() => Assert.Contains("no host has ever looked", (Daily with { LastLook = null }).Explain(), StringComparison.Ordinal);

    [Fact]
    public void Paused() => Assert.Equal(
        "It is paused since 2026-03-09 11:00:00+01:00 by ada (month's end): nothing is started until it is resumed.",
        (Daily with { PausedSince = Time("2026-03-09T10:00:00Z"), PausedBy = "ada (month's end)" }).Explain());

    [Fact]
    public void The_run_before_goes_on()
    {
        var running = Daily with { RunningSince = Time("2026-03-09T05:00:01Z") };

        Assert.Equal(
            "The firing of 2026-03-10 06:00:00+01:00 is left out: the run before it goes on since 2026-03-09 06:00:01+01:00, and overlap is Skip.",
            (running with { Overlap = OverlapPolicy.Skip }).Explain());
        Assert.Contains("it waits for the run before it", (running with { Overlap = OverlapPolicy.Queue }).Explain(), StringComparison.Ordinal);
        Assert.Contains("starts it", (running with { Overlap = OverlapPolicy.CancelRunning }).Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void Missed()
    {
        Assert.Equal(
            "The firing of 2026-03-10 06:00:00+01:00 was missed by 3 minutes and 10 seconds and is left out: catch-up is Skip.",
            (Daily with { CatchUp = new CatchUp { Policy = CatchUpPolicy.Skip } }).Explain());
        Assert.Contains("catch-up is All within 2 minutes",
            (Daily with { CatchUp = new CatchUp { Policy = CatchUpPolicy.All, Window = TimeSpan.FromMinutes(2) } }).Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void Ahead()
    {
        var handled = Daily with { LastHandled = Time("2026-03-10T05:00:00Z") };

        Assert.Equal("The next firing is at 2026-03-11 06:00:00+01:00, in 23 hours and 56 minutes.", handled.Explain());
        Assert.Equal(
            "The next firing is at 2026-03-12 06:00:00+01:00, in 2 days: the one of 2026-03-11 06:00:00+01:00 is left out, as its day is excluded.",
            (handled with { Now = Time("2026-03-10T05:00:00Z"), Schedule = handled.Schedule.Except(ExcludedDays.Of(new DateOnly(2026, 3, 11))) }).Explain());
        Assert.EndsWith("it starts at 2026-04-01 02:00:00+02:00.",
            (handled with { Schedule = handled.Schedule.StartingAt(Time("2026-04-01T00:00:00Z")) }).Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void Within_its_jitter()
    {
        var schedule = Daily.Schedule.WithJitter(TimeSpan.FromHours(5));
        var due = schedule.DueAt("billing", new Firing(Time("2026-03-10T05:00:00Z")));
        Assert.True(due > Daily.Now);

        Assert.Equal($"The firing of 2026-03-10 06:00:00+01:00 is due at {due.ToOffset(TimeSpan.FromHours(1)):yyyy-MM-dd HH:mm:sszzz}: its jitter is up to 5 hours.",
            (Daily with { Schedule = schedule }).Explain());
    }

    [Fact]
    public void No_more()
    {
        Assert.Equal("It fires no more: it ended at 2026-03-01 01:00:00+01:00.",
            (Daily with { Schedule = Daily.Schedule.EndingAt(Time("2026-03-01T00:00:00Z")) }).Explain());
        Assert.StartsWith("It fires no more: 'RDATE:20260101T060000' has no time after",
            (Daily with { Schedule = Schedule.Parse("RDATE:20260101T060000") }).Explain(), StringComparison.Ordinal);
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
