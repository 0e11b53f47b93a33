using Fletcher.Engine.Tests;
using Fletcher.Scheduling;

namespace Fletcher.Hosting.Tests;

/// <summary>Runs for firings that never had one.</summary>
public sealed class BackfillTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static DateTimeOffset Day(int day) => new(2026, 9, day, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Gaps_are_filled_one_at_a_time_and_only_once()
    {
        await using var scene = new DeploymentScene();
        await scene.ServeAsync(options => options.Deploy(
            () => Nightly.Report(default, "Ada", 1), new DeploymentOptions { Name = "report", Schedule = Schedule.Parse("@daily") }));

        var dry = await scene.Client.BackfillAsync("report", Day(1), Day(6), new BackfillOptions { DryRun = true, Order = BackfillOrder.NewestFirst }, Cancellation);
        Assert.Equal([Day(5), Day(4), Day(3), Day(2), Day(1)], dry.Times);
        Assert.True(dry.IsDryRun);
        Assert.Empty(await scene.RunsAsync("Nightly.Report"));

        await scene.Client.BackfillAsync("report", Day(2), Day(4), cancellationToken: Cancellation);
        await scene.UntilAsync("report", record => record.Backfill is null);
        var second = await scene.Client.BackfillAsync("report", Day(1), Day(6), new BackfillOptions { AtMost = 3 }, Cancellation);
        Assert.Equal([Day(1), Day(4), Day(5)], second.Times);
        Assert.Equal(2, second.Present);
        await scene.UntilAsync("report", record => record.Backfill is null);

        var runs = await scene.RunsAsync("Nightly.Report");
        Assert.Equal([1, 2, 3, 4, 5], runs.Select(run => System.Text.Json.JsonDocument.Parse(run.Parameters).RootElement.GetProperty("day").GetDateTime().Day).Order());
        Assert.Empty((await scene.Client.BackfillAsync("report", Day(1), Day(6), cancellationToken: Cancellation)).Times);
    }

    [Fact]
    public async Task So_many_run_at_the_same_time()
    {
        await using var scene = new DeploymentScene();
        var host = await scene.ServeAsync(options => options.Deploy(
            () => Nightly.Hold("backfill", 1), new DeploymentOptions { Name = "hold", Schedule = Schedule.Parse("@daily") }));
        var gate = Orders.GateOf("backfill");

        await host.Host.Client.BackfillAsync("hold", Day(1), Day(7), new BackfillOptions { AtMost = 2 }, Cancellation);
        await gate.WhenBegun(2).WithinLimit();
        var other = await Assert.ThrowsAsync<FletcherUsageException>(() => scene.Client.BackfillAsync("hold", Day(1), Day(9), cancellationToken: Cancellation));
        Assert.Equal("FLT1714", other.Id);
        gate.Open(6);
        await scene.UntilAsync("hold", record => record.Backfill is null);

        Assert.Equal(6, gate.Begun.Count);
        Assert.Equal(2, gate.Most);
    }

    [Fact]
    public async Task What_cannot_be_filled_is_refused()
    {
        await using var scene = new DeploymentScene();
        await scene.ServeAsync(options => options
            .Deploy(() => Nightly.Report(default, "Ada", 1), new DeploymentOptions { Name = "by hand" })
            .Deploy(() => Nightly.Report(default, "Ada", 1), new DeploymentOptions { Name = "often", Schedule = Schedule.Parse("* * * * *") }));

        async Task<string> RefusalAsync(string name, BackfillOptions? options = null) =>
            (await Assert.ThrowsAsync<FletcherUsageException>(() => scene.Client.BackfillAsync(name, Day(1), Day(30), options, Cancellation))).Message;

        Assert.Contains("'by hand' has no schedule", await RefusalAsync("by hand"), StringComparison.Ordinal);
        Assert.Contains("more than 10,000 firings", await RefusalAsync("often"), StringComparison.Ordinal);
        Assert.Contains("AtMost is 0", await RefusalAsync("often", new BackfillOptions { AtMost = 0 }), StringComparison.Ordinal);
    }
}
