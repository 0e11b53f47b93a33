using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Scheduling;
using Fletcher.Storage;
using Microsoft.Data.Sqlite;

namespace Fletcher.Cli.Tests;

/// <summary>What the command does with deployments: create, show, set, reset, pause, resume, start, delete, and fill.</summary>
public sealed class DeploymentTests
{
    private static readonly string[] Yearly = ["--schedule", "0 6 1 1 *", "--zone", "Europe/Berlin"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deployment_is_created_shown_and_deleted()
    {
        await using var world = new World();
        await world.ServeAsync();

        (await world.RunAsync("deployments")).Has("There is no deployment");
        var made = (await world.RunAsync([
            "deployments", "create", "reports", "--flow", "Work.Report", "-p", "customer=12", .. Yearly, "--exclude", "2099-01-01", "--jitter", "90s", "--catch-up", "all", "--catch-up-window", "2d",
            "--overlap", "cancel-running", "--priority", "-2", "--queue", "slow", "--label", "gpu", "--tag", "yearly", "--start", "2026-01-01", "--json"])).Json("deploymentChange");

        var settings = made.GetProperty("deployment").GetProperty("settings");
        Assert.Equal("""{"customer":"12"}""", settings.GetProperty("parameters").GetRawText());
        Assert.Equal(
            """{"text":"0 6 1 1 *","zone":"Europe/Berlin","start":"2025-12-31T23:00:00Z","end":null,"excludedDays":["2099-01-01"],"excludedCalendars":0,"jitterSeconds":90}""",
            settings.GetProperty("schedule").GetRawText());
        Assert.Equal(
            ("All", 172_800, "CancelRunning", -2, "slow", "gpu", "yearly"),
            (settings.GetProperty("catchUp").GetString(), settings.GetProperty("catchUpWindowSeconds").GetInt32(), settings.GetProperty("overlap").GetString(), settings.GetProperty("priority").GetInt32(),
            settings.GetProperty("queue").GetString(), settings.GetProperty("labels")[0].GetString(), settings.GetProperty("tags")[0].GetString()));

        (await world.RunAsync("deployments")).Has("DEPLOYMENT", "reports", "active", "-01-01 06:00+01:00", "Work.Report", "at 06:00 on the 1st of January, Europe/Berlin");
        (await world.RunAsync("deployments", "show", "reports")).Has(
            "reports  active  flow Work.Report", "The next firing is at ", "parameters {\"customer\":\"12\"}", "catch-up all within 2d, overlap cancel-running, priority -2, queue slow, labels gpu, tags yearly", "declared by ");
        var shown = (await world.RunAsync("deployments", "show", "reports", "--json")).Json("deploymentShow");
        Assert.Equal(5, shown.GetProperty("firings").GetArrayLength());
        (await world.RunAsync("deployments", "delete", "reports")).Has("Deployment 'reports' is deleted.");
        (await world.RunAsync("deployments", "delete", "reports")).Refuses(1, "There is no deployment 'reports'");
    }

    [Fact]
    public async Task What_cannot_be_deployed_is_refused()
    {
        await using var world = new World();
        await world.ServeAsync();
        Task<Said> Create(params string[] arguments) => world.RunAsync(["deployments", "create", .. arguments]);

        (await Create("reports", "--flow", "Work.Reprot")).Refuses(1, "FLT1710", "Did you mean 'Work.Report'?");
        (await Create("reports", "--flow", "Work.Report", "-p", "custmer=1", "--queue", "")).Refuses(1, "FLT1710", "'custmer' is unknown", "Queue is ''");
        (await Create("reports", "--flow", "Work.Report", "--schedule", "0 6 * * fry")).RefusesAt("0 6 * * fry", 8, "Did you mean 'FRI'?");
        (await Create("reports", "--flow", "Work.Report", "--zone", "Europe/Berlin")).Refuses(2, "Give --schedule too");
        (await Create("reports", "--flow", "Work.Report", "--overlap", "skipp")).Refuses(2, "--overlap is 'skipp'. Did you mean 'skip'? Allowed are: allow, skip, queue, cancel-running");
        (await Create("reports", "--flow", "Work.Report", "--parameters", "{}", "-p", "a=1")).Refuses(2, "both given");
        (await Create("reports", "--flow", "Work.Report", "--parameters", "[]")).Refuses(1, "must be a JSON object");
        Assert.Empty(await (await world.ClientAsync()).GetDeploymentsAsync(cancellationToken: Cancellation));

        (await Create("Work.Report")).Has("Deployment 'Work.Report' starts 'Work.Report'", "It has no schedule");
        (await Create("Work.Report")).Refuses(1, "There is a deployment 'Work.Report' already", "--replace");
        (await Create("Work.Report", "--replace", "--priority", "3")).With(0);
    }

    [Fact]
    public async Task What_an_operator_sets_is_shown_beside_what_is_declared()
    {
        await using var world = new World();
        await world.ServeAsync();
        await DeployAsync(world, "reports");

        var set = (await world.RunAsync(
            "deployments", "set", "reports", "-p", "customer=Bob", "--zone", "Asia/Tokyo", "--exclude", "2099-01-01", "--label", "gpu", "--reason", "they moved", "--json")).Json("deploymentChange");
        Assert.Equal(
            ("0 6 1 1 *", "Asia/Tokyo"),
            (set.GetProperty("deployment").GetProperty("settings").GetProperty("schedule").GetProperty("text").GetString(), set.GetProperty("deployment").GetProperty("settings").GetProperty("schedule").GetProperty("zone").GetString()));
        (await world.RunAsync("deployments", "show", "reports")).Has(
            "set by ", ": they moved", "Schedule: declared at 06:00 on the 1st of January, Europe/Berlin, set at 06:00 on the 1st of January, Asia/Tokyo, except on excluded days", "Labels: declared none, set gpu");
        (await world.RunAsync("deployments", "set", "reports", "--label", "none", "--exclude", "none")).Has("Parameters: declared {\"customer\":\"Ada\"}, set {\"customer\":\"Bob\"}");
        var settings = (await world.RunAsync("deployments", "show", "reports", "--json")).Json("deploymentShow").GetProperty("deployment").GetProperty("settings");
        Assert.Equal((0, 0), (settings.GetProperty("labels").GetArrayLength(), settings.GetProperty("schedule").GetProperty("excludedDays").GetArrayLength()));
        (await world.RunAsync("deployments", "set", "reports")).Refuses(2, "Nothing is said to set");
        (await world.RunAsync("deployments", "set", "reprots", "--priority", "1")).Refuses(1, "There is no deployment 'reprots'", "Did you mean 'reports'?");
        (await world.RunAsync("deployments", "set", "reports", "-p", "page=1")).Refuses(1, "FLT1710", "'page' is unknown");
        (await world.RunAsync("deployments", "reset", "reports")).Has("is again as it is declared");
        Assert.False((await world.RunAsync("deployments", "reset", "reports", "--json")).Json("deploymentChange").GetProperty("changed").GetBoolean());
        (await world.RunAsync("deployments", "reset", "reprots")).Refuses(1, "FLT1713", "Did you mean 'reports'?");
    }

    [Fact]
    public async Task Schedules_are_listed_by_their_next_firing_with_why_not()
    {
        await using var world = new World();
        await world.ServeAsync();
        var client = await world.ClientAsync();
        await DeployAsync(world, "reports");
        await client.DeployAsync("Work.Report", new { }, new DeploymentOptions { Name = "sooner", Schedule = Schedule.Parse("30 5 31 12 *", "Europe/Berlin") }, Cancellation);
        await client.DeployAsync("Work.Report", new { }, new DeploymentOptions { Name = "ended", Schedule = Schedule.Parse("@daily").EndingAt(DateTimeOffset.UnixEpoch) }, Cancellation);
        await client.DeployAsync("Work.Report", new { }, new DeploymentOptions { Name = "by hand" }, Cancellation);

        (await world.RunAsync("deployments", "pause", "reports", "--reason", "holidays")).Has("Deployment 'reports' is paused.", "(holidays)");
        (await world.RunAsync("schedules")).Has("sooner", "ended", "It fires no more", "paused", "(holidays): nothing is started until it is resumed");
        var listed = (await world.RunAsync("schedules", "--json")).Json("schedules").GetProperty("schedules");
        Assert.Equal(["sooner", "ended", "reports"], listed.EnumerateArray().Select(static one => one.GetProperty("name").GetString()));
        (await world.RunAsync("deployments", "pause", "reports")).Has("was paused already");
        (await world.RunAsync("deployments", "resume", "reports", "--json")).Json("deploymentChange");
        (await world.RunAsync("deployments", "resume", "reports")).Has("was not paused");

        var page = (await world.RunAsync("deployments", "--limit", "2", "--json")).Json("deployments");
        Assert.Equal("ended", page.GetProperty("next").GetString());
        (await world.RunAsync("deployments", "--limit", "2", "--after", "ended")).Has("reports", "sooner");
        (await world.RunAsync("deployments", "--limit", "1")).Has("more: --after 'by hand'");
    }

    [Fact]
    public async Task One_run_is_started_by_hand()
    {
        await using var world = new World();
        await world.ServeAsync();
        await DeployAsync(world, "reports");
        await (await world.ClientAsync()).PauseDeploymentAsync("reports", cancellationToken: Cancellation);

        var run = (await world.RunAsync("deployments", "start", "reports", "-p", "customer=Bob", "--scheduled-time", "2026-01-01", "--reason", "lost", "--wait", "--json")).Json("watch").GetProperty("run");

        Assert.Equal("\"2026-01-01 Bob\"", run.GetProperty("result").GetProperty("value").GetRawText());
        Assert.Equal(["reports", "deployment:reports"], run.GetProperty("tags").EnumerateArray().Select(static tag => tag.GetString()));
        Assert.Equal("Created", (await world.RunAsync("deployments", "start", "reports", "--key", "k", "--at", "2099-01-01", "--json")).Json("start").GetProperty("outcome").GetString());
        (await world.RunAsync("deployments", "start", "reports", "--key", "k")).Has("is there already");
        (await world.RunAsync("deployments", "start", "reports", "-p", "page=1")).Refuses(1, "FLT1517", "'page' is unknown");
        (await world.RunAsync("deployments", "start", "reprots")).Refuses(1, "Did you mean 'reports'?");
    }

    [Fact]
    public async Task Gaps_are_filled()
    {
        await using var world = new World();
        await world.ServeAsync();
        await DeployAsync(world, "reports");
        string[] range = ["backfill", "reports", "--from", "2020-01-01T06:00", "--to", "2024-01-01T06:00"];

        (await world.RunAsync([.. range, "--dry-run"])).Has("2020-01-01T06:00:00+01:00\n", "4 runs of 'Work.Report' would be started, the oldest first, 1 at a time");
        (await world.RunAsync([.. range, "--newest-first", "--at-most", "2"])).Has("4 runs of 'Work.Report' are started, the newest first, 2 at a time");
        await world.UntilAsync(static async store => await store.Deployments!.GetAsync("reports", Cancellation) is { Backfill: null } record ? record : null);

        var runs = (await world.RunAsync("runs", "--tag", "deployment:reports", "--json")).Json("runs").GetProperty("runs");
        Assert.Equal(["2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01"], runs.EnumerateArray().Select(static run => run.GetProperty("parameters").GetProperty("day").GetString()).Order());
        Assert.Equal(4, (await world.RunAsync([.. range, "--json"])).Json("backfill").GetProperty("present").GetInt32());
        (await world.RunAsync(range)).Has("No firing of 'reports' in this range is without a run; 4 firings have a run already.");
        (await world.RunAsync("backfill", "reports", "--from", "2024-01-01", "--to", "2024-01-01")).Refuses(2, "is not later");
        await ForgetKeysAsync(world);
        string[] earlier = ["backfill", "reports", "--from", "2010-01-01T06:00", "--to", "2014-01-01T06:00", "--dry-run"];
        (await world.RunAsync(earlier)).Refuses(1, "FLT1714", "perhaps again");
        (await world.RunAsync([.. earlier, "--include-forgotten"])).Has("4 runs of 'Work.Report' would be started");
        (await world.RunAsync("backfill", "reports")).Refuses(2, "--from");
        (await world.RunAsync("backfill", "reprots", "--from", "1d")).Refuses(1, "Did you mean 'reports'?");
    }

    /// <summary>As retention does when it lets go of the keys of runs that are long gone.</summary>
    private static async Task ForgetKeysAsync(World world)
    {
        await using var connection = new SqliteConnection($"Data Source={world.Path};Pooling=False");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "UPDATE flows SET keys_forgotten_to = $0 WHERE name = 'Work.Report'";
        command.Parameters.AddWithValue("$0", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000);
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Cancellation));
    }

    [Fact]
    public async Task Names_are_completed_from_the_store()
    {
        await using var world = new World();
        await world.ServeAsync();
        await DeployAsync(world, "reports");
        async Task<string[]> Complete(string line) =>
            (await world.RunAsync("complete", line.Length.ToString(null, null), line)).With(0).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Contains("reports", await Complete("fletcher deployments show rep"));
        Assert.Contains("reports", await Complete("fletcher backfill "));
        Assert.Contains("Work.Report", await Complete("fletcher runs start Work."));
        Assert.Contains("smtp", await Complete("fletcher limits set s"));
        Assert.Contains("cancel-running", await Complete("fletcher deployments set reports --overlap "));
        Assert.DoesNotContain("reports", await Complete("fletcher deployments show x"));
        Assert.DoesNotContain((await Tool.RunAsync("/nowhere/none.db", null, "complete", "26", "fletcher deployments show ")).With(0).Out.Split('\n'), static word => word.Length > 0 && word[0] != '-');
    }

    private static async Task DeployAsync(World world, string name) => await (await world.ClientAsync()).DeployAsync(
        "Work.Report", new { customer = "Ada" }, new DeploymentOptions { Name = name, Schedule = Schedule.Parse("0 6 1 1 *", "Europe/Berlin") }, Cancellation);
}
