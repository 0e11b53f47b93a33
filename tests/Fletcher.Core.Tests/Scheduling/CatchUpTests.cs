using System.Globalization;

namespace Fletcher.Scheduling.Tests;

public sealed class CatchUpTests
{
    private static readonly Schedule Hourly = Schedule.Parse("0 * * * *");

    [Theory]
    // On time: whatever the policy.
    [InlineData(CatchUpPolicy.Skip, "09:00", "10:00:20", "10:00")]
    [InlineData(CatchUpPolicy.Latest, "09:00", "10:00:20", "10:00")]
    [InlineData(CatchUpPolicy.All, "09:00", "10:00:20", "10:00")]
    [InlineData(CatchUpPolicy.Latest, "09:00", "09:59:59", "")]
    [InlineData(CatchUpPolicy.Latest, "10:00", "10:00:20", "")]
    [InlineData(CatchUpPolicy.Latest, "10:00", "09:00:00", "")]
    // Missed.
    [InlineData(CatchUpPolicy.Skip, "06:00", "10:30:00", "")]
    [InlineData(CatchUpPolicy.Latest, "06:00", "10:30:00", "10:00")]
    [InlineData(CatchUpPolicy.All, "06:00", "10:30:00", "08:00 09:00 10:00")]
    // Some missed, one on time.
    [InlineData(CatchUpPolicy.Skip, "06:00", "10:00:59", "10:00")]
    [InlineData(CatchUpPolicy.Latest, "06:00", "10:00:59", "10:00")]
    [InlineData(CatchUpPolicy.All, "06:00", "10:00:59", "08:00 09:00 10:00")]
    public void Which_firings_are_started(CatchUpPolicy policy, string lastHandled, string now, string expected)
    {
        var catchUp = new CatchUp { Policy = policy, Window = TimeSpan.FromHours(2.5) };

        Assert.Equal(expected, Times(catchUp.Due(Hourly, "s", Time(lastHandled), Time(now))));
    }

    [Fact]
    public void The_last_that_is_due_is_found_however_long_ago()
    {
        var longAgo = new DateTimeOffset(2, 1, 1, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal(Time("10:59:59"), CatchUp.LastDue(Schedule.Parse("* * * * * *"), "s", longAgo, Time("10:59:59"))!.Value.Time);
        Assert.Equal(2024, CatchUp.LastDue(Schedule.Parse("0 0 29 2 *"), "s", longAgo, Time("10:00:00"))!.Value.Time.Year);
        Assert.Null(CatchUp.LastDue(Schedule.Parse("0 0 29 2 *"), "s", Time("09:00:00"), Time("10:00:00")));
        Assert.Single(new CatchUp().Due(Schedule.Parse("* * * * *"), "s", longAgo, Time("10:30:30")));
    }

    [Fact]
    public void A_firing_with_jitter_is_due_when_its_delay_is_over()
    {
        var schedule = Hourly.WithJitter(TimeSpan.FromMinutes(30));
        var due = schedule.DueAt("s", new Firing(Time("10:00")));
        Assert.InRange(due, Time("10:00").AddTicks(1), Time("10:30"));
        foreach (var policy in Enum.GetValues<CatchUpPolicy>())
        {
            var catchUp = new CatchUp { Policy = policy };
            Assert.Empty(catchUp.Due(schedule, "s", Time("09:00"), due.AddTicks(-1)));
            Assert.Equal("10:00", Times(catchUp.Due(schedule, "s", Time("09:00"), due)));
            Assert.Equal("10:00", Times(catchUp.Due(schedule, "s", Time("09:00"), due.AddSeconds(59))));
        }
    }

    // Whenever hosts look, each firing of a schedule that they never miss is started once.
    [Fact]
    public void Looking_often_starts_each_once()
    {
        foreach (var policy in Enum.GetValues<CatchUpPolicy>())
        {
            var schedule = Schedule.Parse("* * * * *").WithJitter(TimeSpan.FromMinutes(3));
            var (handled, started) = (Time("08:00"), new List<Firing>());
            for (var now = Time("08:00"); now < Time("10:00"); now = now.AddSeconds(17))
            {
                started.AddRange(new CatchUp { Policy = policy }.Due(schedule, "s", handled, now));
                handled = CatchUp.LastDue(schedule, "s", handled, now)?.Time ?? handled;
            }

            Assert.Equal(schedule.After(Time("08:00")).Take(started.Count), started);
            Assert.InRange(started.Count, 117, 120);
        }
    }

    [Fact]
    public void Settings_out_of_their_ranges_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CatchUp { Window = TimeSpan.FromTicks(-1) }.Due(Hourly, "s", Time("08:00"), Time("09:00")));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CatchUp { Grace = TimeSpan.FromTicks(-1) }.Due(Hourly, "s", Time("08:00"), Time("09:00")));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CatchUp { Policy = (CatchUpPolicy)9 }.Due(Hourly, "s", Time("08:00"), Time("09:00")));
        Assert.Equal("08:00 09:00", Times(new CatchUp { Policy = CatchUpPolicy.All, Window = TimeSpan.MaxValue }.Due(Hourly, "s", Time("07:00"), Time("09:30"))));
    }

    [Fact]
    public void A_backfill_is_of_gaps_only()
    {
        DateTimeOffset[] handled = [Time("02:00"), Time("03:00").ToOffset(TimeSpan.FromHours(5)), Time("03:30")];

        Assert.Equal("01:00 04:00 05:00", Times(Backfill.Gaps(Hourly, Time("01:00"), Time("06:00"), handled)));
        Assert.Equal("05:00 04:00 01:00", Times(Backfill.Gaps(Hourly, Time("01:00"), Time("06:00"), handled, BackfillOrder.NewestFirst)));
        Assert.Empty(Backfill.Gaps(Hourly, Time("06:00"), Time("01:00"), handled, BackfillOrder.NewestFirst));
        // The whole of a long range is never looked at for a few.
        Assert.Equal("23:59", Times(Backfill.Gaps(Schedule.Parse("* * * * *"), DateTimeOffset.MinValue, Time("00:00"), [], BackfillOrder.NewestFirst).Take(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Backfill.Gaps(Hourly, Time("01:00"), Time("06:00"), handled, (BackfillOrder)7));
    }

    private static string Times(IEnumerable<Firing> firings) =>
        string.Join(' ', firings.Select(firing => firing.Time.ToString("HH:mm", CultureInfo.InvariantCulture)));

    private static DateTimeOffset Time(string time) => DateTimeOffset.Parse($"2026-03-01T{time}Z", CultureInfo.InvariantCulture);
}
