using Fletcher.Model;
using Fletcher.Scheduling;

namespace Fletcher.Hosting.Tests;

/// <summary>What becomes of firings, by catch-up and overlap.</summary>
public sealed class FiringDecisionTests
{
    private static readonly DateTimeOffset Day = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly RunId Running = new(Guid.CreateVersion7(Day));

    private static DeploymentRecord Hourly(OverlapPolicy overlap = OverlapPolicy.Allow, CatchUpPolicy catchUp = CatchUpPolicy.Latest, bool runs = false) => new()
    {
        Name = "hourly",
        Declared = new DeploymentVersion(
            new DeploymentSettings
            {
                Flow = "F",
                Schedule = DeploymentSchedule.Of(Schedule.Parse("0 * * * *")),
                Overlap = overlap,
                CatchUp = catchUp,
                CatchUpWindow = TimeSpan.FromHours(3),
            },
            Day, "code", null),
        HandledAt = Day,
        Open = runs ? [Running] : [],
    };

    private static (string Starts, DeploymentRecord Record) Decide(DeploymentRecord record, double hours, bool isOver = false)
    {
        var schedule = record.Effective.Schedule!.ToSchedule();
        var decision = FiringDecision.Decide(record, schedule, Day.AddHours(hours), isOver ? new HashSet<RunId> { Running } : []);
        var starts = string.Join(' ', decision.Starts.Select(time => time.Hour));
        return (decision.Cancels.Count > 0 ? $"{starts}, cancels {decision.Cancels.Count}" : starts, decision.Record(schedule, [.. decision.Starts.Select(_ => RunId.New(TimeProvider.System))], []));
    }

    [Theory]
    [InlineData(CatchUpPolicy.Latest, 5.5, "5")]
    [InlineData(CatchUpPolicy.Skip, 5.5, "")]
    [InlineData(CatchUpPolicy.All, 5.5, "3 4 5")]
    [InlineData(CatchUpPolicy.Skip, 5, "5")]
    [InlineData(CatchUpPolicy.All, 0.5, "")]
    public void Catch_up_says_what_is_started_and_all_is_decided_then(CatchUpPolicy catchUp, double hours, string starts)
    {
        var (started, record) = Decide(Hourly(catchUp: catchUp), hours);

        Assert.Equal(starts, started);
        Assert.Equal(Day.AddHours(Math.Floor(hours)), record.HandledAt);
        Assert.Equal(Day.AddHours(Math.Floor(hours) + 1), record.NextAt);
        Assert.Equal("", Decide(record, hours).Starts);
    }

    [Theory]
    [InlineData(OverlapPolicy.Allow, "1")]
    [InlineData(OverlapPolicy.Skip, "")]
    [InlineData(OverlapPolicy.Queue, "")]
    [InlineData(OverlapPolicy.CancelRunning, "1, cancels 1")]
    public void Overlap_says_what_becomes_of_a_firing_while_a_run_goes_on(OverlapPolicy overlap, string starts)
    {
        Assert.Equal(starts, Decide(Hourly(overlap, runs: true), 1).Starts);
        if (overlap != OverlapPolicy.Allow)
            Assert.Equal("1", Decide(Hourly(overlap, runs: true), 1, isOver: true).Starts);
    }

    [Theory]
    [InlineData(OverlapPolicy.Allow, "1 2 3")]
    [InlineData(OverlapPolicy.Skip, "1")]
    [InlineData(OverlapPolicy.Queue, "1")]
    [InlineData(OverlapPolicy.CancelRunning, "3")]
    public void Firings_that_are_due_together_overlap_each_other(OverlapPolicy overlap, string starts)
    {
        var (started, record) = Decide(Hourly(overlap, CatchUpPolicy.All), 3);

        Assert.Equal(starts, started);
        Assert.Equal(overlap == OverlapPolicy.Queue ? 2 : 0, record.Waiting.Count);
        Assert.Equal(overlap is OverlapPolicy.Skip or OverlapPolicy.CancelRunning, record.Note is { IsError: false });
    }

    [Fact]
    public void What_is_queued_starts_one_by_one_however_late()
    {
        var (_, record) = Decide(Hourly(OverlapPolicy.Queue, CatchUpPolicy.Skip, runs: true), 1);
        (_, record) = Decide(record, 2);
        Assert.Equal([Day.AddHours(1), Day.AddHours(2)], record.Waiting);
        Assert.Equal(Day.AddHours(2) + FiringDecision.LookAgain, record.NextAt);

        (var starts, record) = Decide(record, 2.5, isOver: true);
        Assert.Equal("1", starts);
        Assert.Equal("", Decide(record, 2.7, isOver: true).Starts);
        Assert.Equal("2", Decide(record with { Open = [] }, 2.9).Starts);
    }

    [Fact]
    public void What_is_left_out_is_noted_with_the_reason()
    {
        Assert.Equal($"The firing of 2026-03-01 01:00:00+00:00 was left out: run {Running} before it goes on, and overlap is Skip.", Decide(Hourly(OverlapPolicy.Skip, runs: true), 1).Record.Note!.Reason);
        Assert.Equal("The firing of 2026-03-01 05:00:00+00:00 was left out: it was missed, and catch-up is Skip.", Decide(Hourly(catchUp: CatchUpPolicy.Skip), 5.5).Record.Note!.Reason);
    }

    [Fact]
    public void Many_are_decided_in_parts_and_none_is_lost()
    {
        var record = Hourly(catchUp: CatchUpPolicy.All);
        record = record with { Declared = record.Declared with { Settings = record.Declared.Settings with { Schedule = DeploymentSchedule.Of(Schedule.Parse("* * * * *")) } } };
        List<int> parts = [];
        var total = new HashSet<DateTimeOffset>();
        do
        {
            var schedule = record.Effective.Schedule!.ToSchedule();
            var decision = FiringDecision.Decide(record, schedule, Day.AddHours(3), new HashSet<RunId>());
            parts.Add(decision.Starts.Count);
            Assert.All(decision.Starts, time => Assert.True(total.Add(time)));
            record = decision.Record(schedule, [.. decision.Starts.Select(_ => Running)], []);
        }
        while (record.NextAt <= Day.AddHours(3));

        Assert.Equal([100, 80], parts);
        Assert.Equal(100, record.Open.Count);
    }

    [Fact]
    public void A_clock_that_is_behind_decides_nothing_again()
    {
        var (_, record) = Decide(Hourly(), 1);

        Assert.Equal("", Decide(record, 0.97).Starts);
        Assert.Equal(Day.AddHours(2), Decide(record, 0.97).Record.NextAt);
    }

    [Fact]
    public void A_paused_one_decides_nothing()
    {
        var paused = Hourly() with { Paused = new DeploymentPause(Day, "ada", null), Waiting = [Day], Backfill = new DeploymentBackfill([Day], 1, [], "ada") };

        var (starts, record) = Decide(paused, 5);

        Assert.Equal("", starts);
        Assert.Null(record.NextAt);
        Assert.Equal(Day, record.HandledAt);
    }

    [Fact]
    public void A_backfill_starts_so_many_at_a_time()
    {
        var schedule = Schedule.Parse("@yearly");
        var record = Hourly() with { Backfill = new DeploymentBackfill([Day.AddDays(-3), Day.AddDays(-2), Day.AddDays(-1)], 2, [], "ada") };

        var decision = FiringDecision.Decide(record, schedule, Day, new HashSet<RunId>());
        Assert.Equal([Day.AddDays(-3), Day.AddDays(-2)], decision.Fills);
        record = decision.Record(schedule, [], [Running, RunId.New(TimeProvider.System)]);
        Assert.Empty(FiringDecision.Decide(record, schedule, Day, new HashSet<RunId>()).Fills);

        decision = FiringDecision.Decide(record, schedule, Day, new HashSet<RunId> { Running });
        Assert.Equal([Day.AddDays(-1)], decision.Fills);
        record = decision.Record(schedule, [], [Running]);
        Assert.Equal(2, record.Backfill!.Open.Count);
        Assert.Null(FiringDecision.Decide(record, schedule, Day, record.Backfill.Open.ToHashSet()).Record(schedule, [], []).Backfill);
    }
}
