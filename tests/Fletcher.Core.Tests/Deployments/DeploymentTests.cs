using Fletcher.Engine.Tests;
using Fletcher.Model;
using Fletcher.Scheduling;
using Fletcher.Storage;

namespace Fletcher.Hosting.Tests;

/// <summary>Deployments from their declaration to their runs.</summary>
public sealed class DeploymentTests
{
    private static readonly Schedule Morning = Schedule.Parse("0 6 * * *", "Europe/Berlin");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_firing_starts_a_run_with_the_time_that_it_is_for()
    {
        await using var scene = new DeploymentScene();
        var host = await scene.ServeAsync();
        var status = await host.Host.Client.As("ada").DeployAsync(
            () => Nightly.Report(default, "Ada", 2), new DeploymentOptions { Name = "report", Schedule = Morning, Tags = ["monthly"] }, Cancellation);
        Assert.Equal("The next firing is at 2026-10-02 06:00:00+02:00, in 16 hours.", status.Reason);
        Assert.Equal("2026-10-02T06:00:00+02:00", status.Next.ToString());

        scene.Clock.Advance(TimeSpan.FromHours(16));
        var last = (await scene.UntilAsync("report", record => record.Last is not null)).Last!;

        Assert.Equal(new DateTimeOffset(2026, 10, 2, 4, 0, 0, TimeSpan.Zero), last.Time);
        Assert.Equal("2026-10-02 Ada 2", await scene.Client.WaitAsync<string>(last.Run, Cancellation).WithinLimit());
        var run = (await scene.Store.GetFlowRunAsync(last.Run, Cancellation))!;
        Assert.Equal(["reports", "deployment:report", "monthly"], run.Tags);
        Assert.Contains("started by schedule: the firing of 2026-10-02 06:00:00+02:00 of deployment 'report'", (await scene.Store.GetLedgerAsync(run.Id, Cancellation))[0].Reason, StringComparison.Ordinal);
        Assert.Equal("The next firing is at 2026-10-03 06:00:00+02:00, in 24 hours.", (await scene.Client.GetDeploymentAsync("report", Cancellation))!.Reason.Replace("1 day", "24 hours", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_time_is_given_in_the_form_of_the_parameter()
    {
        await using var scene = new DeploymentScene();
        var host = await scene.ServeAsync();
        await host.Host.Client.DeployAsync("Nightly.Clock", new { }, new DeploymentOptions { Schedule = Morning }, Cancellation);

        scene.Clock.Advance(TimeSpan.FromHours(16));
        var last = (await scene.UntilAsync("Nightly.Clock", record => record.Last is not null)).Last!;

        Assert.Equal("2026-10-02T06:00:00.0000000+02:00 2026-10-02T06:00:00.0000000", await scene.Client.WaitAsync<string>(last.Run, Cancellation).WithinLimit());
    }

    [Fact]
    public async Task The_attribute_of_a_flow_deploys_it()
    {
        await using var scene = new DeploymentScene();
        await scene.ServeAsync();

        var record = await scene.RecordAsync("Nightly.Yearly");

        Assert.Equal(("code", "1", true), (record.Declared.Actor, record.Declared.CodeVersion, record.Declared.IsByAttribute));
        Assert.Equal((OverlapPolicy.Skip, CatchUpPolicy.All), (record.Effective.Overlap, record.Effective.CatchUp));
        Assert.Equal(new DateTimeOffset(2026, 12, 31, 23, 0, 0, TimeSpan.Zero), record.NextAt);
    }

    [Fact]
    public async Task What_the_attribute_said_before_is_taken_back()
    {
        await using var scene = new DeploymentScene();
        await (await scene.ServeAsync()).DisposeAsync();
        var yearly = await scene.RecordAsync("Nightly.Yearly");
        var attribute = yearly.Declared with { Settings = yearly.Declared.Settings with { Flow = "Nightly.Report" } };
        await scene.Deployments.TryWriteAsync(
            [
                new DeploymentWrite("Nightly.Report", 0, yearly with { Name = "Nightly.Report", Declared = attribute }),
                new DeploymentWrite("Nightly.Clock", 0, yearly with { Name = "Nightly.Clock", Declared = attribute with { IsByAttribute = false } }),
            ],
            [],
            Cancellation);

        await scene.ServeAsync();

        Assert.Null(await scene.Deployments.GetAsync("Nightly.Report", Cancellation));
        Assert.NotNull(await scene.Deployments.GetAsync("Nightly.Clock", Cancellation));
    }

    [Fact]
    public async Task A_redeploy_keeps_what_an_operator_set()
    {
        await using var scene = new DeploymentScene();
        await (await scene.ServeAsync(options => options.Deploy(() => Nightly.Report(default, "Ada", 2), new DeploymentOptions { Name = "report", Schedule = Morning }))).DisposeAsync();
        await scene.Client.SetDeploymentAsync("report", new DeploymentChanges { Parameters = """{"copies":5}""", Priority = 7 }, "more readers", Cancellation);
        await scene.Client.SetDeploymentAsync("report", new DeploymentChanges { Queue = "slow" }, "the printer is slow", Cancellation);
        Assert.True(await scene.Client.PauseDeploymentAsync("report", "holidays", Cancellation));
        Assert.False(await scene.Client.As("bob").PauseDeploymentAsync("report", cancellationToken: Cancellation));

        await scene.ServeAsync(options =>
        {
            options.CodeVersion = "2";
            options.Deploy("Nightly.Report", new { customer = "Bob", copies = 3 }, new DeploymentOptions { Name = "report", Schedule = Schedule.Daily(new TimeOnly(7, 0)) });
        });

        var status = (await scene.Client.GetDeploymentAsync("report", Cancellation))!;
        Assert.Equal(("code", "2"), (status.Record.Declared.Actor, status.Record.Declared.CodeVersion));
        Assert.Equal(("ada", "the printer is slow"), (status.Record.Set!.Actor, status.Record.Set.Reason));
        Assert.Equal(("""{"customer":"Bob","copies":5}""", 7, "slow", "0 7 * * *"), (status.Effective.Parameters, status.Effective.Priority, status.Effective.Queue, status.Effective.Schedule!.Text));
        Assert.Equal(
            ["""Parameters: declared {"customer":"Bob","copies":3}, set {"customer":"Bob","copies":5}""", "Priority: declared 0, set 7", "Queue: declared default, set slow"],
            status.Differences);
        Assert.Equal("It is paused since 2026-10-01 12:00:00+00:00 by ada (holidays): nothing is started until it is resumed.", status.Reason);

        Assert.True(await scene.Client.ResetDeploymentAsync("report", Cancellation));
        status = (await scene.Client.GetDeploymentAsync("report", Cancellation))!;
        Assert.Empty(status.Differences);
        Assert.NotNull(status.Record.Paused);
    }

    [Fact]
    public async Task Nothing_starts_in_a_pause_and_nothing_of_it_is_caught_up()
    {
        await using var scene = new DeploymentScene();
        var host = await scene.ServeAsync(options => options.Deploy(() => Nightly.Report(default, "Ada", 1), new DeploymentOptions { Name = "report", Schedule = Schedule.Parse("0 * * * *") }));
        await host.Host.Client.PauseDeploymentAsync("report", cancellationToken: Cancellation);
        scene.Clock.Advance(TimeSpan.FromHours(3.5));
        Assert.Null((await scene.RecordAsync("report")).NextAt);

        Assert.True(await host.Host.Client.ResumeDeploymentAsync("report", Cancellation));
        Assert.False(await host.Host.Client.ResumeDeploymentAsync("report", Cancellation));
        scene.Clock.Advance(TimeSpan.FromHours(0.5));
        await scene.UntilAsync("report", record => record.Last is not null);

        Assert.Single(await scene.RunsAsync("Nightly.Report"));
    }

    [Fact]
    public async Task What_was_missed_without_a_host_is_caught_up()
    {
        await using var scene = new DeploymentScene();
        void Deploy(FletcherOptions options) => options.Deploy(
            () => Nightly.Report(default, "Ada", 1), new DeploymentOptions { Name = "report", Schedule = Schedule.Parse("@daily"), CatchUp = CatchUpPolicy.All, CatchUpWindow = TimeSpan.FromDays(30) });
        await (await scene.ServeAsync(Deploy)).DisposeAsync();
        scene.Clock.Advance(TimeSpan.FromDays(3));
        Assert.Contains("no host has", (await scene.Client.GetDeploymentAsync("report", Cancellation))!.Reason, StringComparison.Ordinal);

        await scene.ServeAsync(Deploy);
        await scene.UntilAsync("report", record => record.Last?.Time.Day == 4);

        Assert.Equal(["2026-10-02", "2026-10-03", "2026-10-04"], (await scene.RunsAsync("Nightly.Report")).Select(DayOf).Order());
    }

    [Fact]
    public async Task A_queued_firing_starts_when_the_run_before_it_ends()
    {
        await using var scene = new DeploymentScene();
        var host = await scene.ServeAsync(options => options.Deploy(
            () => Nightly.Hold("queued", 1), new DeploymentOptions { Name = "hold", Schedule = Schedule.Parse("0 * * * *"), Overlap = OverlapPolicy.Queue }));
        var gate = Orders.GateOf("queued");
        scene.Clock.Advance(TimeSpan.FromHours(1));
        await gate.WhenBegun(1).WithinLimit();
        scene.Clock.Advance(TimeSpan.FromHours(1));
        await scene.UntilAsync("hold", record => record.Waiting.Count == 1);
        Assert.Contains("waits for the run before it", (await scene.Client.GetDeploymentAsync("hold", Cancellation))!.Reason, StringComparison.Ordinal);

        gate.Open(1);
        await gate.WhenBegun(2).WithinLimit();
        gate.Open(1);

        Assert.Empty((await scene.UntilAsync("hold", record => record.Waiting.Count == 0)).Waiting);
        Assert.NotNull(host);
    }

    [Fact]
    public async Task A_running_one_is_cancelled_for_the_next()
    {
        await using var scene = new DeploymentScene();
        await scene.ServeAsync(options => options.Deploy(
            () => Nightly.Hold("cancelled", 1), new DeploymentOptions { Name = "hold", Schedule = Schedule.Parse("0 * * * *"), Overlap = OverlapPolicy.CancelRunning }));
        var gate = Orders.GateOf("cancelled");
        scene.Clock.Advance(TimeSpan.FromHours(1));
        await gate.WhenBegun(1).WithinLimit();
        var first = Assert.Single(await scene.RunsAsync("Nightly.Hold"));

        scene.Clock.Advance(TimeSpan.FromHours(1));
        await gate.WhenBegun(2).WithinLimit();

        Assert.Contains(await scene.Store.GetUntakenAsync(first.Id, Cancellation), message => message.Kind == MessageKind.Cancel);
        gate.Open(2);
    }

    [Fact]
    public async Task What_cannot_be_used_is_refused_with_all_mistakes()
    {
        await using var scene = new DeploymentScene();
        await scene.ServeAsync(options => options.Deploy(() => Nightly.Report(default, "Ada", 1), new DeploymentOptions { Name = "report" }));

        var wrong = await Assert.ThrowsAsync<FletcherUsageException>(() => scene.Client.DeployAsync(
            "Nightly.Report", new { copies = "two", customr = 3 }, new DeploymentOptions { Queue = "", CatchUpWindow = TimeSpan.FromDays(-1) }, Cancellation));
        Assert.Equal("FLT1710", wrong.Id);
        Assert.Contains("'copies' must be ", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("'customr' is unknown", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("Queue is ''", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("CatchUpWindow is -1", wrong.Message, StringComparison.Ordinal);

        var expression = await Assert.ThrowsAsync<FletcherUsageException>(() => scene.Client.SetDeploymentAsync(
            "report", new DeploymentChanges { Schedule = new DeploymentSchedule { Text = "0 25 * * *", Zone = "Europe/Berlin" } }, cancellationToken: Cancellation));
        Assert.Contains("hour, at index 2: 25 is out of range. Allowed are 0 to 23", expression.Message, StringComparison.Ordinal);
        Assert.IsType<ScheduleFormatException>(expression.InnerException);

        var unknown = await Assert.ThrowsAsync<FletcherUsageException>(() => scene.Client.DeployAsync("Nightly.Reprt", new { }, cancellationToken: Cancellation));
        Assert.Contains("Did you mean 'Nightly.Report'?", unknown.Message, StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<FletcherUsageException>(() => scene.Client.PauseDeploymentAsync("reprot", cancellationToken: Cancellation));
        Assert.Equal("FLT1713", missing.Id);
        Assert.Contains("Did you mean 'report'?", missing.Message, StringComparison.Ordinal);
        Assert.Equal(["Nightly.Yearly", "report"], (await scene.Client.GetDeploymentsAsync(cancellationToken: Cancellation)).Select(status => status.Name));
    }

    [Fact]
    public async Task What_does_not_fit_any_more_is_noted_and_holds_nobody_up()
    {
        await using var scene = new DeploymentScene();
        await scene.ServeAsync(options => options
            .Deploy(() => Nightly.Report(default, "Ada", 1), new DeploymentOptions { Name = "a", Schedule = Schedule.Parse("@daily") })
            .Deploy(() => Nightly.Report(default, "Bob", 1), new DeploymentOptions { Name = "b", Schedule = Schedule.Parse("@daily") }));
        var record = await scene.RecordAsync("a");
        await scene.Deployments.TryWriteAsync(
            [DeploymentWrite.Of(record with { Declared = record.Declared with { Settings = record.Effective with { Parameters = """{"pages":2}""" } } })], [], Cancellation);

        scene.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Contains("'pages' is unknown", (await scene.UntilAsync("a", a => a.Note is not null)).Note!.Reason, StringComparison.Ordinal);
        await scene.UntilAsync("b", b => b.Last is not null);
        Assert.Null((await scene.RecordAsync("a")).Last);
    }

    [Fact]
    public async Task A_deleted_one_is_gone_and_its_runs_stay()
    {
        await using var scene = new DeploymentScene();
        var host = await scene.ServeAsync();
        await host.Host.Client.DeployAsync(() => Nightly.Report(default, "Ada", 1), new DeploymentOptions { Schedule = Schedule.Parse("@daily") }, Cancellation);
        scene.Clock.Advance(TimeSpan.FromDays(1));
        await scene.UntilAsync("Nightly.Report", record => record.Last is not null);

        Assert.True(await scene.Client.DeleteDeploymentAsync("Nightly.Report", Cancellation));
        Assert.False(await scene.Client.DeleteDeploymentAsync("Nightly.Report", Cancellation));

        Assert.Null(await scene.Client.GetDeploymentAsync("Nightly.Report", Cancellation));
        Assert.Single(await scene.RunsAsync("Nightly.Report"));
    }

    private static string DayOf(FlowRunRecord run) => System.Text.Json.JsonDocument.Parse(run.Parameters).RootElement.GetProperty("day").GetString()!;
}
