using System.Text.Json;
using Fletcher.Model;

namespace Fletcher.Cli.Tests;

/// <summary>Letting go of runs.</summary>
public sealed class PruneTests
{
    [Fact]
    public async Task Old_runs_go_and_a_dry_run_says_which()
    {
        await using var world = new World();
        for (var i = 0; i < 15; i++)
            await KeepAsync(world, FlowRunState.Completed, days: 40);
        await KeepAsync(world, FlowRunState.Failed, days: 40);
        await KeepAsync(world, FlowRunState.Failed, days: 100);
        var open = await KeepAsync(world, FlowRunState.Running, days: 400);

        var dry = (await world.RunAsync("store", "prune", "--dry-run", "--json")).Json("prune");
        Assert.Equal((true, 6, 0), (dry.GetProperty("dryRun").GetBoolean(), dry.GetProperty("runs").GetInt32(), dry.GetProperty("rows").GetInt32()));
        Assert.Equal(["Good Age 5", "Failed Age 1"], dry.GetProperty("flows").EnumerateArray().Select(Line));
        (await world.RunAsync("store", "prune", "-n")).Has("6 runs would go; nothing was changed", "5  Kept.Flow  completed or cancelled, too old", "1  Kept.Flow  failed or crashed, too old");

        var real = (await world.RunAsync("store", "prune", "--json")).Json("prune");
        Assert.Equal(["Good Age 5", "Failed Age 1"], real.GetProperty("flows").EnumerateArray().Select(Line));
        Assert.False(real.GetProperty("needsCompacting").GetBoolean());
        (await world.RunAsync("store", "prune")).Has("No run is older than it is kept.");

        (await world.RunAsync("store", "prune", "--keep", "3", "--older-than", "30d")).Has("7 runs are gone", "too old");
        (await world.RunAsync("store", "prune", "--failed-older-than", "2w", "--flow", "Kept.Flow", "--compact")).Has("1 run is gone", "failed or crashed, too old");
        Assert.Equal(4, (await (await world.StoreAsync()).GetFlowRunsAsync(new Storage.FlowRunQuery(), World.Cancellation)).Count);
        Assert.NotNull(await (await world.StoreAsync()).GetFlowRunAsync(open.Id, World.Cancellation));
    }

    [Fact]
    public async Task What_hosts_said_about_a_flow_holds()
    {
        await using var world = new World();
        for (var i = 0; i < 12; i++)
            await KeepAsync(world, FlowRunState.Completed, days: 40);
        var store = await world.StoreAsync();
        await store.Retention.PutPoliciesAsync(new Dictionary<string, RetentionPolicy> { ["Kept.Flow"] = RetentionPolicy.Everything }, World.Cancellation);

        (await world.RunAsync("store", "prune")).Has("No run is older than it is kept.");
        (await world.RunAsync("store", "prune", "--older-than", "39d")).Has("2 runs are gone");
        (await world.RunAsync("store", "prune", "--older-than", "41d", "--keep", "5")).Has("5 runs are gone", "too many");
    }

    [Fact]
    public async Task Wrong_usage_is_refused()
    {
        await using var world = new World();
        await KeepAsync(world, FlowRunState.Completed, days: 40);

        (await world.RunAsync("store", "prune", "--older-than", "soon")).Refuses(2, "--older-than is 'soon', which is no duration");
        (await world.RunAsync("store", "prune", "--older-than", "5s")).Refuses(2, "--older-than is '5s'; it must be 1m or more");
        (await world.RunAsync("store", "prune", "--keep", "0")).Refuses(2, "--keep is '0'; it must be 1 or more");
        (await world.RunAsync("store", "prune", "--dry-run", "--compact")).Refuses(2, "exclude each other");
        (await world.RunAsync("store", "prune", "--flow", "Nobody.Knows")).Refuses(1, "FLT1421", "Nobody.Knows");
    }

    private static string Line(JsonElement flow) => $"{flow.GetProperty("kind").GetString()} {flow.GetProperty("reason").GetString()} {flow.GetProperty("runs").GetInt32()}";

    private static Task<FlowRunRecord> KeepAsync(World world, FlowRunState state, int days) => world.KeepAsync(
        state, run => run with { CreatedAt = run.CreatedAt.AddDays(-days), EndedAt = state.IsEnd() ? run.CreatedAt.AddDays(-days) : null });
}
