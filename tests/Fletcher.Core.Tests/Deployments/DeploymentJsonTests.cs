using Fletcher.Model;
using Fletcher.Scheduling;
using Fletcher.Storage;

namespace Fletcher.Hosting.Tests;

/// <summary>How deployments are kept.</summary>
public sealed class DeploymentJsonTests
{
    private static readonly DateTimeOffset Time = new(2026, 3, 1, 6, 0, 0, TimeSpan.FromHours(1));

    [Fact]
    public void All_of_a_record_is_kept()
    {
        var schedule = Schedule.Parse("0 6 * * *", "Europe/Berlin").StartingAt(Time).EndingAt(Time.AddYears(1)).WithJitter(TimeSpan.FromMinutes(5))
            .Except(ExcludedDays.Of(new DateOnly(2026, 3, 3)))
            .Except(ExcludedDays.FromIcs("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260305\r\nEND:VEVENT\r\nEND:VCALENDAR"));
        var record = new DeploymentRecord
        {
            Name = "ü",
            Declared = new DeploymentVersion(
                new DeploymentSettings { Flow = "F", Parameters = """{"a":"ü"}""", Schedule = DeploymentSchedule.Of(schedule), Overlap = OverlapPolicy.Queue, CatchUp = CatchUpPolicy.All, Labels = ["gpu"], Tags = ["t"] },
                Time, "code", "1.0", true),
            Set = new DeploymentOverride(new DeploymentChanges { Queue = "q", Overlap = OverlapPolicy.Skip, Labels = [] }, Time, "ada", "because"),
            Paused = new DeploymentPause(Time, "bob", null),
            Version = 7,
            HandledAt = Time,
            NextAt = Time.AddDays(1),
            Open = [RunId.New(TimeProvider.System)],
            Waiting = [Time],
            Backfill = new DeploymentBackfill([Time], 2, [RunId.New(TimeProvider.System)], "ada"),
            Last = new DeploymentFiring(Time, RunId.New(TimeProvider.System), Time),
            Note = new DeploymentNote(Time, "why", Time, true),
        };

        var read = DeploymentJson.Read(DeploymentJson.Write(record));

        Assert.Equivalent(record, read, strict: true);
        Assert.Equal((OverlapPolicy.Skip, "q"), (read.Effective.Overlap, read.Effective.Queue));
        Assert.Empty(read.Effective.Labels);
        Assert.Equal([2, 4, 6], read.Effective.Schedule!.ToSchedule().After(Time).Take(3).Select(firing => firing.Time.Day));
    }

    [Fact]
    public void What_is_no_deployment_is_refused() =>
        Assert.Equal("FLT1711", Assert.Throws<StoreUnavailableException>(() => DeploymentJson.Read("{}")).Id);
}
