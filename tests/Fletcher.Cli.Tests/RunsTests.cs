using Fletcher.Model;

namespace Fletcher.Cli.Tests;

/// <summary>fletcher runs: what is listed, and how a run is found.</summary>
public sealed class RunsTests
{
    [Fact]
    public async Task A_run_in_every_state_is_listed_shown_and_explained()
    {
        await using var world = new World();
        foreach (var state in Enum.GetValues<FlowRunState>())
        {
            var run = await world.KeepAsync(state, run => run with { Reason = $"because of {state}" });

            (await world.RunAsync("runs", "--state", state.ToString().ToLowerInvariant())).Has(run.Id.ToString(), state.ToString().ToLowerInvariant());
            var shown = (await world.RunAsync("runs", "show", run.Id.ToString(), "--json")).Json("show");
            Assert.Equal(state.ToString(), shown.GetProperty("run").GetProperty("state").GetString());
            (await world.RunAsync("why", run.Id.ToString())).Has("Kept.Flow", state.ToString().ToLowerInvariant());
            (await world.RunAsync("why", run.Id.ToString(), "--json")).Json("why");
        }

        var all = (await world.RunAsync("runs", "--json")).Json("runs");
        Assert.Equal(Enum.GetValues<FlowRunState>().Length, all.GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public async Task Pages_follow_one_another_from_the_newest_on()
    {
        await using var world = new World();
        List<string> kept = [];
        for (var i = 0; i < 5; i++)
            kept.Insert(0, (await world.KeepAsync(FlowRunState.Completed)).Id.ToString());
        kept.Sort((a, b) => string.CompareOrdinal(b, a));

        List<string> seen = [];
        string? next = null;
        do
        {
            var page = (await world.RunAsync(["runs", "--limit", "2", "--json", .. next is null ? Array.Empty<string>() : ["--before", next]])).Json("runs");
            seen.AddRange(page.GetProperty("runs").EnumerateArray().Select(static run => run.GetProperty("id").GetString()!));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);

        Assert.Equal(kept, seen);
    }

    [Fact]
    public async Task Filters_hold_together()
    {
        await using var world = new World();
        var now = TimeProvider.System.GetUtcNow();
        var old = await world.KeepAsync(FlowRunState.Failed, run => Older(run, now.AddDays(-3)));
        var tagged = await world.KeepAsync(FlowRunState.Failed, run => run with { Tags = ["x", "y"] });
        var other = await world.KeepAsync(FlowRunState.Completed, run => run with { Flow = "Other.Flow" });
        var child = await world.KeepAsync(FlowRunState.Completed, run => run with { ParentRunId = other.Id, RootRunId = other.Id, ParentSequence = 1 });

        await Lists(world, [tagged.Id, old.Id], "--state", "failed");
        await Lists(world, [tagged.Id], "--state", "failed", "--since", "1d");
        await Lists(world, [old.Id], "--until", "1d");
        await Lists(world, [old.Id], "--until", now.AddDays(-1).ToString("O", null));
        await Lists(world, [tagged.Id], "--tag", "x", "--tag", "y");
        await Lists(world, [], "--tag", "x", "--tag", "z");
        await Lists(world, [other.Id], "--flow", "Other.Flow");
        await Lists(world, [child.Id], "--parent", other.Id.ToString());
        await Lists(world, [child.Id, other.Id, tagged.Id, old.Id], "--all");
        await Lists(world, [other.Id, tagged.Id, old.Id], "--state", "failed,completed");
        (await world.RunAsync("runs", "--since", "yesterdayish")).Refuses(2, "--since", "yesterdayish", "2026-10-01");
    }

    [Fact]
    public async Task A_run_is_found_by_its_beginning_or_its_end_if_only_one_fits()
    {
        await using var world = new World();
        var run = await world.KeepAsync(FlowRunState.Completed, run => Older(run, new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        var twins = new[] { await world.KeepAsync(FlowRunState.Completed), await world.KeepAsync(FlowRunState.Failed) };
        var id = run.Id.ToString();

        (await world.RunAsync("runs", "show", id.ToUpperInvariant())).Has(id);
        (await world.RunAsync("runs", "show", id[..8])).Has(id);
        (await world.RunAsync("runs", "show", id[^8..])).Has(id);
        (await world.RunAsync("runs", "show", twins[0].Id.ToString()[..4])).Refuses(1, "fits more than one run", twins[0].Id.ToString(), twins[1].Id.ToString(), "Failed");
        (await world.RunAsync("runs", "show", RunId.New(TimeProvider.System).ToString())).Refuses(1, "There is no run", world.Path);
        (await world.RunAsync("runs", "show", "7zzzzzzz")).Refuses(1, "No run's id begins or ends with '7zzzzzzz'");
        (await world.RunAsync("runs", "show", "no-run!")).Refuses(2, "'no-run!' is no run's id");
    }

    [Fact]
    public async Task No_line_is_wider_than_80_columns_when_there_are_80()
    {
        await using var world = new World();
        await world.KeepAsync(FlowRunState.Failed, run => run with { Flow = "A.Very.Long.Namespace.With.A.Very.Long.Name.Of.A.Flow", Reason = new string('r', 300) });
        await world.KeepAsync(FlowRunState.Completed, run => run with { Flow = "名前.流れ" });

        var said = (await Tool.RunAsync(world.Path, new Dictionary<string, string?> { ["COLUMNS"] = "80" }, "runs")).Has("…", "名前");

        Assert.All(said.Out.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.DoesNotContain('\e', said.Out);
    }

    [Fact]
    public async Task Times_in_json_are_utc()
    {
        await using var world = new World();
        var run = await world.KeepAsync(FlowRunState.Completed);

        var shown = (await Tool.RunAsync(world.Path, new Dictionary<string, string?> { ["TZ"] = "Asia/Tokyo" }, "runs", "--json")).Json("runs");

        var text = shown.GetProperty("runs")[0].GetProperty("createdAt").GetString()!;
        Assert.EndsWith("Z", text, StringComparison.Ordinal);
        Assert.Equal(run.CreatedAt.ToUnixTimeMilliseconds(), DateTimeOffset.Parse(text, null).ToUnixTimeMilliseconds());
    }

    private static FlowRunRecord Older(FlowRunRecord run, DateTimeOffset at)
    {
        var id = new RunId(Guid.CreateVersion7(at));
        return run with { Id = id, RootRunId = id, CreatedAt = at };
    }

    private static async Task Lists(World world, RunId[] expected, params string[] arguments)
    {
        var said = (await world.RunAsync(["runs", .. arguments, "--json"])).Json("runs");
        Assert.Equal(
            expected.Select(static id => id.ToString()).Order(),
            said.GetProperty("runs").EnumerateArray().Select(static run => run.GetProperty("id").GetString()!).Order());
    }
}
