using Fletcher.Model;
using Fletcher.Scheduling;
using Fletcher.Torture.Conductor;
using Fletcher.Torture.Effects;
using Fletcher.Torture.Flows;
using Fletcher.Torture.Oracle;

namespace Fletcher.Torture.Tests;

/// <summary>The judge of <see cref="FiringTests"/> sees what it is there to see.</summary>
public sealed class FiringJudgeTests
{
    private static readonly DateTimeOffset[] Times = [.. Enumerable.Range(0, 3).Select(second => new DateTimeOffset(2026, 10, 1, 12, 0, second, TimeSpan.Zero))];

    [Fact]
    public void Each_firing_with_a_run_is_right() => Assert.Empty(Check(Times));

    [Fact]
    public void A_firing_without_a_run_is_seen() => Assert.Equal("d 2026-10-01T12:00:02Z has no run", Assert.Single(Check(Times[..2])));

    [Fact]
    public void With_skip_a_firing_may_have_none() => Assert.Empty(Check(Times[..2], OverlapPolicy.Skip));

    [Fact]
    public void A_firing_with_two_runs_is_seen() => Assert.Equal("d 2026-10-01T12:00:01Z has 2 runs", Assert.Single(Check([.. Times, Times[1]])));

    [Fact]
    public void A_run_for_no_firing_is_seen() =>
        Assert.Contains("is no firing", Assert.Single(Check([.. Times, Times[2].AddMilliseconds(500)])), StringComparison.Ordinal);

    [Fact]
    public void Runs_that_failed_are_seen() => Assert.Equal(3, Check(Times, state: FlowRunState.Failed).Count(violation => violation.Contains("ended Failed", StringComparison.Ordinal)));

    [Theory]
    [InlineData(OverlapPolicy.Allow, false)]
    [InlineData(OverlapPolicy.Queue, true)]
    [InlineData(OverlapPolicy.Skip, true)]
    public void A_run_that_did_not_wait_for_the_one_before_is_seen(OverlapPolicy overlap, bool isSeen) =>
        Assert.Equal(isSeen, Check(Times, overlap, together: true).Any(violation => violation.Contains("began before", StringComparison.Ordinal)));

    private static List<string> Check(
        IEnumerable<DateTimeOffset> times, OverlapPolicy overlap = OverlapPolicy.Queue, FlowRunState state = FlowRunState.Completed, bool together = false)
    {
        List<FiredRun> runs = [];
        List<Effect> effects = [];
        foreach (var time in times)
        {
            var id = RunId.New(TimeProvider.System);
            var firing = Firings.Shown("d", time);
            runs.Add(new FiredRun(Invented.Run(id, Firings.Id, state) with { Tags = ["deployment:d"] }, firing));
            effects.Add(Line(EffectKind.Began, id, firing));
            effects.Add(Line(EffectKind.Returned, id, firing));
        }

        if (together)
            effects = [.. effects.OrderBy(line => line.Kind)];
        return [.. FiringJudge.Check([new FiredDeployment("d", overlap, Times)], runs, [.. effects.Select((line, i) => line with { Offset = i })])];
    }

    private static Effect Line(EffectKind kind, RunId run, string firing) => new()
    {
        Kind = kind,
        Seed = 0,
        Root = run.ToString(),
        Run = run.ToString(),
        Path = firing,
        Process = 1,
        Host = "",
        Fence = 0,
        At = 0,
    };
}
