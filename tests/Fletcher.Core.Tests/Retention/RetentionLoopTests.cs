using System.Reflection;
using Fletcher.Engine.Tests;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting.Tests;

/// <summary>Hosts that let go of runs, and clients that ask for it.</summary>
public sealed class RetentionLoopTests
{
    private readonly TestClock _clock = new();
    private readonly MemoryStore _store;

    public RetentionLoopTests() => _store = new MemoryStore(_clock);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private FletcherClient Client => new(_store, "ada", time: _clock);

    [Fact]
    public async Task A_host_lets_go_when_it_starts_and_every_hour()
    {
        var first = await KeepAsync(12, "Kept.Week", days: 8);
        await using var host = await ServeAsync();
        await UntilAsync(async () => await CountAsync(first) == 5);

        var second = await KeepAsync(3, "Kept.Week", days: 9, FlowRunState.Failed);
        await UntilAsync(async () =>
        {
            _clock.Advance(TimeSpan.FromMinutes(10));
            return await CountAsync(second) == 0;
        });
    }

    [Fact]
    public async Task What_the_program_says_of_its_flows_holds_for_other_hosts()
    {
        var runs = await KeepAsync(20, "Kept.Week", days: 40);
        var options = new PruneOptions { DryRun = true };
        Assert.Equal(10, (await Client.PruneAsync(options, Cancellation)).Runs);

        await using (await ServeAsync())
            await UntilAsync(async () => (await _store.Retention.GetPoliciesAsync(Cancellation)).GetValueOrDefault("Kept.Week") is { Keep: 5, KeepFor.Days: 7, KeepFailedFor.Days: 8 });
        await UntilAsync(async () => await CountAsync(runs) == 5);

        await using (await ServeAsync(host => host.Retention.IsOn = false))
            await UntilAsync(async () => (await _store.Retention.GetPoliciesAsync(Cancellation))["Kept.Week"] == RetentionPolicy.Everything);
        Assert.Equal(0, (await Client.PruneAsync(options, Cancellation)).Runs);
        Assert.Equal(4, (await Client.PruneAsync(options with { Keep = 1 }, Cancellation)).Runs);
    }

    [Fact]
    public async Task A_dry_run_says_what_the_real_one_does()
    {
        await KeepAsync(30, "A", days: 40);
        await KeepAsync(7, "A", days: 91, FlowRunState.Failed);
        await KeepAsync(4, "B", days: 2);
        var parent = (await KeepAsync(1, "B", days: 100, FlowRunState.Failed))[0];
        var child = (await KeepAsync(1, "C", days: 95, FlowRunState.Failed, parent.Id))[0];

        var options = new PruneOptions { Keep = 3 };
        var dry = await Client.PruneAsync(options with { DryRun = true }, Cancellation);
        var real = await Client.PruneAsync(options, Cancellation);

        Assert.Equal(
            [("A", RetentionKind.Good, PruneReason.Age, 27L), ("A", RetentionKind.Failed, PruneReason.Age, 7L), ("B", RetentionKind.Good, PruneReason.Count, 1L), ("B", RetentionKind.Failed, PruneReason.Age, 1L)],
            real.Flows.Select(flow => (flow.Flow, flow.Kind, flow.Reason, flow.Runs)));
        Assert.Equal(dry.Flows, real.Flows);
        Assert.Equal((1, 1, 36, true, false), (dry.Needed, real.Needed, real.Runs, dry.IsDryRun, real.IsDryRun));
        Assert.Equal(1, await CountAsync([child]));
        Assert.Equal(1, (await Client.PruneAsync(options, Cancellation)).Runs);
        Assert.Equal(0, await CountAsync([child]));
    }

    [Fact]
    public async Task What_cannot_be_pruned_is_refused()
    {
        await KeepAsync(1, "A", days: 1);

        await RefusedAsync("FLT1420", "KeepFor is 00:00:01", () => Client.PruneAsync(new PruneOptions { OlderThan = TimeSpan.FromSeconds(1) }, Cancellation));
        await RefusedAsync("FLT1420", "Keep is 0", () => Client.PruneAsync(new PruneOptions { Keep = 0 }, Cancellation));
        await RefusedAsync("FLT1421", "flow 'Z'", () => Client.PruneAsync(new PruneOptions { Flow = "Z" }, Cancellation));
        await RefusedAsync("FLT1422", "keeps all runs", () => new FletcherClient(new SurvivingStore()).PruneAsync(cancellationToken: Cancellation));

        static async Task RefusedAsync(string id, string fragment, Func<Task> action)
        {
            var error = await Assert.ThrowsAsync<FletcherUsageException>(action);
            Assert.Equal(id, error.Id);
            Assert.Contains(fragment, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_backfill_knows_firings_of_runs_that_are_gone_and_refuses_those_it_cannot_know()
    {
        DateTimeOffset Day(int day) => new(2026, 9, day, 0, 0, 0, TimeSpan.Zero);
        await using var host = await ServeAsync(options => options.Deploy(
            () => Nightly.Report(default, "Ada", 1), new DeploymentOptions { Name = "report", Schedule = Scheduling.Schedule.Parse("@daily") }));
        await Client.BackfillAsync("report", Day(1), Day(4), cancellationToken: Cancellation);
        await UntilAsync(async () => (await _store.Deployments.GetAsync("report", Cancellation))!.Backfill is null);
        await host.DisposeAsync();
        var last = (await _store.GetFlowRunsAsync(new FlowRunQuery { Flow = "Nightly.Report" }, Cancellation))[0].CreatedAt;

        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(2, (await Client.PruneAsync(new PruneOptions { OlderThan = TimeSpan.FromHours(1), Keep = 1 }, Cancellation)).Runs);
        Assert.Equal([Day(4)], (await Client.BackfillAsync("report", Day(1), Day(5), new BackfillOptions { DryRun = true }, Cancellation)).Times);

        _clock.Advance(TimeSpan.FromDays(90));
        Assert.Equal(0, (await Client.PruneAsync(new PruneOptions { DryRun = true }, Cancellation)).Keys);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, (await Client.PruneAsync(cancellationToken: Cancellation)).Keys);
        Assert.InRange((await _store.Retention.GetKeysForgottenAsync("Nightly.Report", Cancellation))!.Value, Day(4), last);

        var refused = await Assert.ThrowsAsync<FletcherUsageException>(() => Client.BackfillAsync("report", Day(1), Day(5), cancellationToken: Cancellation));
        Assert.Equal("FLT1714", refused.Id);
        Assert.Contains("3 of them would be started, perhaps again", refused.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await Client.BackfillAsync("report", Day(1), Day(5), new BackfillOptions { DryRun = true, IncludeForgotten = true }, Cancellation)).Times.Count);
    }

    private async Task<FletcherHost> ServeAsync(Action<FletcherOptions>? configure = null)
    {
        var options = new FletcherOptions { Store = () => _store, Time = _clock, TakesRuns = true };
        options.FlowAssemblies.Add(Assembly.GetExecutingAssembly());
        configure?.Invoke(options);
        var host = new FletcherHost(options);
        await host.StartAsync(Cancellation);
        return host;
    }

    private async Task<List<FlowRunRecord>> KeepAsync(int count, string flow, int days, FlowRunState state = FlowRunState.Completed, RunId? parent = null)
    {
        var batch = new WriteBatch();
        for (var i = 0; i < count; i++)
        {
            var at = _clock.Now.AddDays(-days).AddMinutes(i);
            var id = RunId.New(_clock);
            batch.FlowRuns.Add(new FlowRunRecord
            {
                Id = id,
                Flow = flow,
                State = state,
                Parameters = "{}"u8.ToArray(),
                ParametersHash = ContentHash.Of("{}"u8),
                RootRunId = id,
                ParentRunId = parent,
                CreatedAt = at,
                EndedAt = at,
            });
        }

        await _store.WriteAsync(batch, Cancellation);
        return [.. batch.FlowRuns];
    }

    private async Task<int> CountAsync(IReadOnlyList<FlowRunRecord> runs)
    {
        var count = 0;
        foreach (var run in runs)
            count += await _store.GetFlowRunAsync(run.Id, Cancellation) is null ? 0 : 1;
        return count;
    }

    private static Task UntilAsync(Func<Task<bool>> condition)
    {
        return LookAsync().WithinLimit("what is waited for");

        async Task LookAsync()
        {
            while (!await condition())
            {
                Cancellation.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }
    }
}

/// <summary>A flow that says how long its runs are kept.</summary>
internal static class Kept
{
    [Flow(KeepFor = "7d", KeepFailedFor = "8d", Keep = 5)]
    internal static Task Week() => Task.CompletedTask;
}
