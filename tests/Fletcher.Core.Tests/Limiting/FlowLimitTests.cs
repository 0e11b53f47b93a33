using Fletcher.Engine.Tests.Waits;
using Fletcher.Model;

namespace Fletcher.Engine.Tests.Limiting;

/// <summary>Flows that start under a limit.</summary>
public sealed class FlowLimitTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_flow_waits_until_its_limit_lets_it_and_says_so(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        using var work = new Work();
        var host = scene.NewHost(options => options.Limits.Add("flow", slots: 1));
        var one = host.Run(() => Work.Exclusive(1));
        await scene.Until(() => work.Under == 1);
        var other = scene.NewHost();
        var two = other.Run(() => Work.Exclusive(2));

        var waiting = await scene.Until(run => run.State == FlowRunState.Waiting);
        Assert.Contains("waits for limit 'flow' (1 of 1 held by 'Work.Exclusive' of run ", waiting.Reason, StringComparison.Ordinal);
        Assert.Contains(waiting.Reason!, await scene.Ledger(waiting.Id));
        work.LetGo(2);

        Assert.Equal(1, await one);
        Assert.Equal(2, await two);
        Assert.Equal(1, work.Most);
        Assert.All(await scene.Runs(), run => Assert.Equal((FlowRunState.Completed, null), (run.State, run.Reason)));
    }

    [Fact]
    public async Task A_parked_run_gives_its_place_back_and_takes_one_again_when_it_goes_on()
    {
        await using var scene = new Scene();
        using var work = new Work();
        var host = scene.NewHost(options => options.Limits.Add("flow", slots: 1));
        var sleeper = host.Run(() => Work.Naps());
        await scene.Parked("Naps");

        var one = host.Run(() => Work.Exclusive(1));
        await scene.Until(() => work.Under == 1);
        scene.Time.Advance(TimeSpan.FromDays(1));
        await scene.Until(run => run is { State: FlowRunState.Waiting, HostId: not null }, "Naps");
        work.LetGo(1);

        Assert.Equal(1, await one);
        Assert.Equal("awake", await sleeper);
    }

    [Fact]
    public async Task A_flow_that_is_called_by_another_takes_a_place_of_its_own_for_each_call()
    {
        await using var scene = new Scene();
        using var work = new Work();
        work.LetGo(9);
        var host = scene.NewHost(options => options.Limits.Add("flow", slots: 1));

        Assert.Equal(3, await host.Run(() => Work.CallsExclusive()));
        Assert.Equal(1, work.Most);
    }

    [Fact]
    public async Task A_flow_that_is_cancelled_while_it_waits_ends_cancelled_and_never_begins()
    {
        await using var scene = new Scene();
        using var work = new Work();
        var host = scene.NewHost(options => options.Limits.Add("flow", slots: 0));
        var run = host.Run(() => Work.Exclusive(1));
        var waiting = await scene.Until(run => run.State == FlowRunState.Waiting);
        Assert.Contains("it has no slots", waiting.Reason, StringComparison.Ordinal);

        await scene.Client.CancelAsync(waiting.Id, "not today", Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Equal((FlowRunState.Cancelled, 0), ((await scene.Run()).State, work.Started));
    }
}
