using Fletcher.Engine.Tests.Waits;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine.Tests.Limiting;

/// <summary>Hosts that stop while their runs wait for limits. In a class of their own, as one test at a time may have served runs.</summary>
public sealed class LimitHandOverTests : IDisposable
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Work.Served = null;

    [Fact]
    public async Task A_host_that_stops_hands_over_a_run_that_waits_for_a_limit_and_the_next_one_waits_again()
    {
        await using var scene = new Scene();
        using var work = Work.Served = new Work();
        var holder = scene.NewHost(options => options.Limits.Add("smtp", slots: 1));
        var one = holder.Run(() => Work.SendsMany(1));
        await scene.Until(() => work.Under == 1);
        var leaving = scene.NewHost();
        var two = leaving.Run(() => Work.SendsNested());
        await scene.Until(run => run.State == FlowRunState.Waiting, "SendsNested");

        await leaving.Host.StopAsync(cancellationToken: Cancellation);
        await Assert.ThrowsAsync<RunHandedOverException>(() => two);
        Assert.Equal(0, Assert.Single(await holder.Host.Client.GetLimitLanesAsync("smtp", null, Cancellation)).WaiterCount);
        await scene.NewServer();
        await scene.Until(run => run is { State: FlowRunState.Waiting, HostId: not null }, "SendsNested");

        work.LetGo(2);
        await one;
        await scene.Until(run => run.State == FlowRunState.Completed, "SendsNested");
        Assert.Equal(1, work.Most);
    }

    [Fact]
    public async Task A_host_that_stops_hands_over_a_flow_that_waits_for_its_limit()
    {
        await using var scene = new Scene();
        using var work = Work.Served = new Work();
        work.LetGo(1);
        var host = scene.NewHost(options => options.Limits.Add("flow", slots: 0));
        var run = host.Run(() => Work.Exclusive(1));
        await scene.Until(run => run.State == FlowRunState.Waiting);

        await host.Host.StopAsync(cancellationToken: Cancellation);
        await Assert.ThrowsAsync<RunHandedOverException>(() => run);
        var next = await scene.NewServer();
        await scene.Until(run => run is { State: FlowRunState.Waiting, HostId: not null });
        await next.Host.Client.SetLimitAsync("flow", new LimitSettings { Slots = 1 }, null, Cancellation);

        await scene.Until(run => run.State == FlowRunState.Completed);
    }

    [Fact]
    public async Task Runs_that_wait_for_a_limit_do_not_keep_a_host_from_others()
    {
        await using var scene = new Scene();
        using var work = Work.Served = new Work();
        await (await scene.Store()).WriteAsync(Due("Work.Exclusive", 1_200, Scene.Start.AddMinutes(-2)), Cancellation);
        await (await scene.Store()).WriteAsync(Due("Work.Plain", 1, Scene.Start.AddMinutes(-1)), Cancellation);

        var host = await scene.NewServer(options => options.Limits.Add("flow", slots: 0));

        await scene.Until(run => run.State == FlowRunState.Completed, "Plain");
        await scene.Until(async () => Assert.Single(await host.Host.Client.GetLimitLanesAsync("flow", null, Cancellation)).WaiterCount == 1_200);
        work.LetGo(1_200);
        await host.Host.Client.SetLimitAsync("flow", new LimitSettings { Slots = 50 }, null, Cancellation);
        await scene.Until(() => work.Started == 1_200 && host.Host.Executions.Count == 0);
        Assert.InRange(work.Most, 1, 50);
    }

    private static WriteBatch Due(string flow, int count, DateTimeOffset at)
    {
        var batch = new WriteBatch();
        var parameters = """{"number":1}"""u8.ToArray();
        for (var i = 0; i < count; i++)
        {
            var id = RunId.New(TimeProvider.System);
            batch.FlowRuns.Add(new FlowRunRecord
            {
                Id = id,
                Flow = flow,
                State = FlowRunState.Queued,
                Parameters = parameters,
                ParametersHash = ContentHash.Of(parameters),
                RootRunId = id,
                CreatedAt = at,
                WakeAt = at,
            });
        }

        return batch;
    }
}
