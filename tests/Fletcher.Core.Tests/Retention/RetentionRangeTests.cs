using Fletcher.Model;

namespace Fletcher.Hosting.Tests;

/// <summary>Which runs go, as a function of the policy.</summary>
public sealed class RetentionRangeTests
{
    private static readonly DateTimeOffset Now = new(2026, 10, 1, 12, 0, 0, TimeSpan.Zero);

    private static EndedPlace Day(int ago) => new(Now.AddDays(-ago), new RunId(Guid.CreateVersion7(Now)));

    private static RetentionRange? Of(RetentionPolicy policy, RetentionKind kind = RetentionKind.Good, EndedPlace? beyondCount = null, EndedPlace? beyondLatest = null) =>
        RetentionRange.Of(policy, kind, Now, beyondCount, beyondLatest);

    [Fact]
    public void By_default_failed_runs_are_kept_longer_and_once_for_ever()
    {
        var good = Of(RetentionPolicy.Default, beyondLatest: Day(1))!.Value;
        var failed = Of(RetentionPolicy.Default, RetentionKind.Failed)!.Value;

        Assert.Equal(EndedPlace.Before(Now.AddDays(-30)), good.Through);
        Assert.Equal(EndedPlace.Before(Now.AddDays(-90)), failed.Through);
        Assert.Null(Of(RetentionPolicy.Default, RetentionKind.Once));
        Assert.Null(Of(RetentionPolicy.Default)); // fewer than the latest that stay
        Assert.Null(Of(RetentionPolicy.Everything, beyondLatest: Day(1)));
    }

    [Fact]
    public void What_is_too_many_goes_though_it_is_not_too_old_and_the_reason_says_so()
    {
        var range = Of(RetentionPolicy.Default, beyondCount: Day(2), beyondLatest: Day(1))!.Value;

        Assert.Equal(Now.AddDays(-2), range.Through.EndedAt);
        Assert.Equal(PruneReason.Count, range.ReasonOf(Day(3)));
        Assert.Equal(PruneReason.Age, range.ReasonOf(Day(31)));
        Assert.Equal(PruneReason.Count, range.ReasonOf(Day(30)));
    }

    [Fact]
    public void The_latest_stay_and_nothing_goes_within_a_minute()
    {
        var latest = Day(200);
        Assert.Equal(latest, Of(RetentionPolicy.Default, beyondLatest: latest)!.Value.Through);

        var fresh = new EndedPlace(Now.AddSeconds(-1), new RunId(Guid.CreateVersion7(Now)));
        var policy = new RetentionPolicy { Keep = 1, KeepLatest = 0 };
        Assert.Equal(EndedPlace.Before(Now.AddMinutes(-1)), Of(policy, beyondCount: fresh)!.Value.Through);
    }

    [Theory]
    [InlineData(59, 1, 0, "KeepFor is 00:00:59; it must be 1 minute or more")]
    [InlineData(60, 0, 0, "Keep is 0; it must be 1 or more")]
    [InlineData(60, 1, -1, "KeepLatest is -1; it must be 0 or more")]
    public void What_cannot_be_used_is_refused_when_the_host_is_made(int seconds, int keep, int latest, string expected)
    {
        var options = new FletcherOptions().UseMemory();
        options.Retention.For("F", new RetentionPolicy { KeepFor = TimeSpan.FromSeconds(seconds), Keep = keep, KeepLatest = latest });

        var error = Assert.Throws<FletcherUsageException>(() => new FletcherHost(options));

        Assert.Equal("FLT1410", error.Id);
        Assert.Contains($"Retention.For(\"F\").{expected}", error.Message, StringComparison.Ordinal);
    }
}
