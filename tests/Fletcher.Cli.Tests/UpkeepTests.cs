using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Cli.Tests;

/// <summary>Flows, hosts, limits, the store, the doctor.</summary>
public sealed class UpkeepTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Flows_are_listed_paused_and_resumed()
    {
        await using var world = new World();
        await world.ServeAsync();

        (await world.RunAsync("flows")).Has("Work.Add", "active", "Adds two numbers, in two steps.");
        (await world.RunAsync("flows", "pause", "Work.Ad")).Refuses(1, "knows no flow 'Work.Ad'", "Did you mean 'Work.Add'?");
        (await world.RunAsync("flows", "pause", "Work.Add", "--reason", "audit", "--json")).Json("flowPause");
        (await world.RunAsync("flows")).Has("paused by", "audit");
        Assert.Contains(
            (await world.RunAsync("flows", "--json")).Json("flows").GetProperty("flows").EnumerateArray(),
            static flow => flow.GetProperty("name").GetString() == "Work.Add" && flow.GetProperty("isPaused").GetBoolean() && flow.GetProperty("hosts").GetInt32() == 1);
        (await world.RunAsync("flows", "resume", "Work.Add")).Has("goes on");
        (await world.RunAsync("flows", "resume", "Work.Add")).Has("was not paused");
    }

    [Fact]
    public async Task Hosts_are_listed_with_how_they_are()
    {
        await using var world = new World();
        await world.ServeAsync();
        var now = TimeProvider.System.GetUtcNow();
        var silent = new HostRecord { Id = Guid.CreateVersion7(), Machine = "elsewhere", Boot = "b", ProcessId = 7, ProcessStart = 1, StartedAt = now.AddHours(-1), HeartbeatAt = now.AddMinutes(-10) };
        await (await world.StoreAsync()).PutHostAsync(silent, Cancellation);

        (await world.RunAsync("hosts")).Has("alive", "elsewhere/7", "silent", "Work.Add");
        var hosts = (await world.RunAsync("hosts", "--json")).Json("hosts").GetProperty("hosts");
        Assert.Equal(["Alive", "Silent"], hosts.EnumerateArray().Select(static host => host.GetProperty("life").GetString()).Order());
    }

    [Fact]
    public async Task Limits_are_listed_with_who_has_them_and_who_waits_and_set_and_reset()
    {
        await using var world = new World();
        // The host says what its code declares; what it thinks of runs whose host it does not know is not wanted here.
        await (await world.ServeAsync()).DisposeAsync();
        await (await world.ClientAsync()).SetLimitAsync("smtp", new LimitSettings { Slots = 1 }, cancellationToken: Cancellation);
        var limits = (await world.StoreAsync()).Limits;
        var host = Guid.CreateVersion7();
        var first = await world.KeepAsync(FlowRunState.Running, run => run with { HostId = host });
        var second = await world.KeepAsync(FlowRunState.Running, run => run with { HostId = host });
        await limits.ExchangeAsync([], [Place(first), Place(second)], Cancellation);

        (await world.RunAsync("limits")).Has("smtp  1 slot", "(declared: 2 slots)", "1 started, 1 wait, 1 of 1 slots taken", $"has  Kept.Flow (run {first.Id})", $"waits Kept.Flow (run {second.Id})");
        (await world.RunAsync("limits", "--json")).Json("limits");
        (await world.RunAsync("limits", "smpt")).Refuses(1, "There is no limit 'smpt'", "Did you mean 'smtp'?");
        (await world.RunAsync("why", second.Id.ToString())).Has("limit 'smtp'", $"held by Kept.Flow (run {first.Id})");
        (await world.RunAsync("limits", "set", "smtp")).Refuses(2, "Nothing is said to set");
        (await world.RunAsync("limits", "set", "smtp", "--rate", "often")).Refuses(2, "100/1m");
        (await world.RunAsync("limits", "set", "smtp", "--slots", "-1")).Refuses(2, "--slots is '-1'");
        (await world.RunAsync("limits", "set", "smtp", "--rate", "100/1m", "--breaker", "5/1m/30s")).Has("1 slot, 100 per 1m (burst 2), opens after 5 failures in 1m for 30s");
        (await world.RunAsync("limits", "set", "smtp", "--slots", "2", "--rate", "none", "--breaker", "none", "--json")).Json("limitSet");
        (await world.RunAsync("limits")).Has("2 started, 0 wait");
        (await world.RunAsync("limits", "reset", "smtp")).Has("2 slots again, as code declares");
        (await world.RunAsync("limits", "reset", "none")).Refuses(1, "There is no limit 'none'");
    }

    [Fact]
    public async Task The_store_is_described_counted_checked_and_copied()
    {
        await using var world = new World();
        var run = await world.KeepAsync(FlowRunState.Failed);
        var large = new byte[200_000];
        Random.Shared.NextBytes(large);
        var batch = new WriteBatch();
        batch.StepRuns.Add(new StepRunRecord
        {
            RunId = run.Id,
            Sequence = 1,
            Key = new StepKey(ContentHash.Of("x"u8), 0),
            Step = new StepCode("Kept.Load", null, null, 0),
            State = StepRunState.Completed,
            Result = new StoredValue(ValueFormat.Bytes, large, null, ContentHash.Of(large), large.Length),
        });
        await (await world.StoreAsync()).WriteAsync(batch, Cancellation);

        (await world.RunAsync("store", "where", "--json")).Json("where");
        (await world.RunAsync("store", "where")).Has(world.Path, "FLETCHER_STORE");
        var stats = (await world.RunAsync("store", "stats", "--json")).Json("stats");
        Assert.Equal((1, 1, 200_000), (stats.GetProperty("flowRuns").GetProperty("Failed").GetInt32(), stats.GetProperty("stepRuns").GetInt32(), stats.GetProperty("largeValueBytes").GetInt32()));
        (await world.RunAsync("store", "stats")).Has("1 (1 failed)", "200 kB large results");
        (await world.RunAsync("store", "check")).Has("is whole");

        var copy = Path.Combine(world.Folder, "copy.db");
        (await world.RunAsync("store", "backup", copy, "--json")).Json("backup");
        (await world.RunAsync("store", "backup", copy)).Refuses(1, "FLT1119", copy);
        (await world.RunAsync("store", "backup", Path.Combine(world.Folder, "none", "copy.db"))).Refuses(1, "does not exist");
        Assert.True((await Tool.RunAsync(copy, null, "store", "check", "--json")).Json("check").GetProperty("isWhole").GetBoolean());
        await using (var copied = new SqliteStore(copy))
        {
            await copied.OpenAsync(Cancellation);
            await foreach (var step in copied.GetStepRunsAsync(run.Id, Cancellation))
                Assert.Equal(large, (await copied.ReadValueAsync(step.Result!, Cancellation)).ToArray());
        }

        Directory.Delete(copy + ".results", recursive: true);
        Assert.False((await Tool.RunAsync(copy, null, "store", "check", "--json")).Json("check", exitCode: 1).GetProperty("isWhole").GetBoolean());
    }

    [Fact]
    public async Task The_doctor_finds_what_keeps_flows_from_running()
    {
        await using var world = new World();
        var now = TimeProvider.System.GetUtcNow();
        var store = await world.StoreAsync();
        (await world.RunAsync("doctor")).Has("All is well");

        await world.KeepAsync(FlowRunState.Queued, static run => run with { WakeAt = run.CreatedAt.AddMinutes(-1), Attempt = 0 });
        await store.SetPausedAsync("Kept.Flow", new PausedFlow("Kept.Flow", now, "ada", "lunch"), Cancellation);
        await store.PutHostAsync(new HostRecord { Id = Guid.CreateVersion7(), Machine = "fast", Boot = "b", ProcessId = 7, ProcessStart = 1, StartedAt = now, HeartbeatAt = now.AddHours(1) }, Cancellation);
        var lost = await world.KeepAsync(FlowRunState.Running, run => run with { HostId = Guid.CreateVersion7() });
        await (await world.ClientAsync()).SetLimitAsync("smtp", new LimitSettings { Slots = 0 }, cancellationToken: Cancellation);
        await store.Limits.ExchangeAsync([], [Place(lost)], Cancellation);

        var said = (await world.RunAsync("doctor", "--json")).Json("doctor", exitCode: 1);

        Assert.Equal(["clock", "host", "limit", "paused", "runs"], said.GetProperty("findings").EnumerateArray().Select(static finding => finding.GetProperty("kind").GetString()).Order());
        var text = (await world.RunAsync("doctor")).With(1).Out;
        Assert.All(["fletcher flows resume Kept.Flow", "no living host takes runs of 'Kept.Flow'", "ahead of", "0 slots", lost.Id.ToString()], fragment => Assert.Contains(fragment, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_doctor_says_that_there_is_no_store()
        => Assert.Contains("FLT1117", (await Tool.RunAsync("/nowhere/none.db", null, "doctor", "--json")).Json("doctor", exitCode: 1).GetRawText(), StringComparison.Ordinal);

    private static LimitPlace Place(FlowRunRecord run) => new()
    {
        Id = Guid.CreateVersion7(),
        Limit = "smtp",
        RootRunId = run.Id,
        RunId = run.Id,
        Fence = run.Fence,
        Flow = run.Flow,
    };
}
