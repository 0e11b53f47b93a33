using Fletcher.Engine.Tests;
using Fletcher.Model;
using Fletcher.Scheduling;
using Fletcher.Storage;

namespace Fletcher.Hosting.Tests;

/// <summary>Deployments that somebody starts.</summary>
public sealed class DeploymentStartTests
{
    private static readonly DeploymentOptions Report = new()
    {
        Name = "report",
        Schedule = Schedule.Parse("0 6 * * *", "Europe/Berlin"),
        Overlap = OverlapPolicy.Skip,
        Priority = 3,
        Tags = ["monthly"],
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_run_is_as_the_deployment_says()
    {
        await using var scene = new DeploymentScene();
        await scene.ServeAsync();
        await scene.Client.DeployJsonAsync("Nightly.Report", """{"customer":"Ada","copies":2}""", Report, Cancellation);
        await scene.Client.SetDeploymentAsync("report", new DeploymentChanges { Parameters = """{"copies":4}""" }, cancellationToken: Cancellation);
        await scene.Client.PauseDeploymentAsync("report", cancellationToken: Cancellation);

        // The day in Berlin, where it is 01:30 of the next one.
        var started = await scene.Client.StartDeploymentAsync(
            "report", new DeploymentStartOptions { ScheduledTime = new DateTimeOffset(2026, 9, 30, 23, 30, 0, TimeSpan.Zero), Reason = "they lost it" }, Cancellation);

        Assert.Equal("2026-10-01 Ada 4", await scene.Client.WaitAsync<string>(started.Run, Cancellation).WithinLimit());
        var run = (await scene.Store.GetFlowRunAsync(started.Run, Cancellation))!;
        Assert.Equal(["reports", "deployment:report", "monthly"], run.Tags);
        Assert.Equal(3, run.Priority);
        Assert.Contains("started by ada: deployment 'report', they lost it", (await scene.Store.GetLedgerAsync(run.Id, Cancellation))[0].Reason, StringComparison.Ordinal);
        var record = await scene.RecordAsync("report");
        Assert.Empty(record.Open);
        Assert.Null(record.Last);
    }

    [Fact]
    public async Task Other_parameters_win_and_the_time_is_now()
    {
        await using var scene = new DeploymentScene();
        await scene.ServeAsync();
        await scene.Client.DeployAsync("Nightly.Report", new { customer = "Ada" }, Report, Cancellation);

        var now = await scene.Client.StartDeploymentAsync("report", cancellationToken: Cancellation);
        var other = await scene.Client.StartDeploymentAsync("report", new DeploymentStartOptions { Parameters = """{"day":"2020-02-29","customer":"Bob"}""" }, Cancellation);

        Assert.Equal("2026-10-01 Ada 1", await scene.Client.WaitAsync<string>(now.Run, Cancellation).WithinLimit());
        Assert.Equal("2020-02-29 Bob 1", await scene.Client.WaitAsync<string>(other.Run, Cancellation).WithinLimit());
    }

    [Fact]
    public async Task A_key_makes_one_run_and_a_time_makes_it_wait()
    {
        await using var scene = new DeploymentScene();
        await scene.ServeAsync();
        await scene.Client.DeployAsync("Nightly.Report", new { }, Report, Cancellation);
        var options = new DeploymentStartOptions { IdempotencyKey = "once", At = scene.Clock.GetUtcNow().AddHours(1) };

        var first = await scene.Client.StartDeploymentAsync("report", options, Cancellation);
        var again = await scene.Client.StartDeploymentAsync("report", options, Cancellation);

        Assert.True(first.IsCreated);
        Assert.Equal((first.Run, StartOutcome.Found), (again.Run, again.Outcome));
        Assert.Equal(FlowRunState.Scheduled, (await scene.Store.GetFlowRunAsync(first.Run, Cancellation))!.State);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_at_the_door()
    {
        await using var scene = new DeploymentScene();
        await scene.ServeAsync();
        await scene.Client.DeployAsync("Nightly.Report", new { }, Report, Cancellation);

        Assert.Equal("FLT1713", (await RefusedAsync("reprot", new())).Id);
        var wrong = await RefusedAsync("report", new DeploymentStartOptions { Parameters = """{"copies":"two","pages":1}""" });
        Assert.Equal("FLT1517", wrong.Id);
        Assert.Contains("'copies' must be ", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("'pages' is unknown", wrong.Message, StringComparison.Ordinal);
        Assert.Equal("FLT1517", (await RefusedAsync("report", new DeploymentStartOptions { Parameters = "[1]" })).Id);
        Assert.Contains("IdempotencyKey", (await RefusedAsync("report", new DeploymentStartOptions { IdempotencyKey = new string('k', 501) })).Message, StringComparison.Ordinal);
        Assert.Empty(await scene.RunsAsync("Nightly.Report"));

        Task<FletcherUsageException> RefusedAsync(string name, DeploymentStartOptions options) =>
            Assert.ThrowsAsync<FletcherUsageException>(() => scene.Client.StartDeploymentAsync(name, options, Cancellation));
    }
}
