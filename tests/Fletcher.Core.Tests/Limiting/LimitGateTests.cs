using Fletcher.Engine.Tests.Waits;
using Fletcher.Model;

namespace Fletcher.Engine.Tests.Limiting;

/// <summary>How those who wait for a limit hear that it is their turn. The clock stands still, so that nothing happens that nobody tells of.</summary>
public sealed class LimitGateTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_one_process_nobody_looks_while_somebody_waits()
    {
        await using var scene = new Scene();
        using var work = new Work();
        var seen = new ObservedLimits();
        var host = scene.NewHost(seen.Observe(scene.NewStore()), options => options.Limits.Add("flow", slots: 1));
        var one = host.Run(() => Work.Exclusive(1));
        await scene.Until(() => work.Under == 1);
        var two = host.Run(() => Work.Exclusive(2));
        await scene.Until(run => run.State == FlowRunState.Waiting);
        var asked = seen.Exchanges;

        for (var i = 0; i < 50; i++)
        {
            scene.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(i, await host.Run(async () => await Task.FromResult(Work.Plain(i))));
        }

        Assert.Equal((0, asked), (seen.Looks, seen.Exchanges));
        work.LetGo(2);
        Assert.Equal((1, 2), (await one, await two));
        Assert.Equal((0, 1), (seen.Looks, work.Most));
    }

    [Fact]
    public async Task In_a_file_that_others_may_write_too_it_is_looked_once_a_second_and_no_more()
    {
        await using var scene = new Scene(sqlite: true);
        using var work = new Work();
        var seen = new ObservedLimits();
        var host = scene.NewHost(seen.Observe(scene.NewStore()), options => options.Limits.Add("flow", slots: 1));
        var one = host.Run(() => Work.Exclusive(1));
        await scene.Until(() => work.Under == 1);
        var two = host.Run(() => Work.Exclusive(2));
        await scene.Until(run => run.State == FlowRunState.Waiting);
        await scene.Until(() => seen.Looks == 1); // as it begins to listen
        var asked = seen.Exchanges;

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(i, await host.Run(async () => await Task.FromResult(Work.Plain(i))));
            Assert.Equal(1 + i, seen.Looks);
            scene.Time.Advance(TimeSpan.FromSeconds(1));
            await scene.Until(() => seen.Looks == 2 + i);
        }

        Assert.Equal(asked, seen.Exchanges);
        work.LetGo(2);
        Assert.Equal((1, 2), (await one, await two));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(600)]
    public async Task What_another_store_object_grants_is_heard(int keys)
    {
        await using var scene = new Scene(sqlite: true);
        using var work = new Work();
        var there = scene.NewHost(options => options.Limits.Add("customer", slots: 2));
        string[] customers = [.. Enumerable.Range(0, keys).Select(number => $"{number}")];
        var one = there.Run(() => Work.SendsFor(customers));
        await scene.Until(() => work.Under == keys);
        var here = scene.NewHost();
        var two = here.Run(() => Work.SendsFor(customers));
        await scene.Steps(StepRunState.Waiting, keys);

        work.LetGo(2 * keys);

        Assert.Equal((keys, keys), (await one, await two));
    }

    [Fact]
    public async Task When_a_hint_is_lost_it_is_seen_a_second_later()
    {
        await using var scene = new Scene(sqlite: true);
        using var work = new Work();
        var there = scene.NewHost(options => options.Limits.Add("flow", slots: 1));
        var one = there.Run(() => Work.Exclusive(1));
        await scene.Until(() => work.Under == 1);
        var deaf = new ObservedLimits { IsDeaf = true };
        var here = scene.NewHost(deaf.Observe(scene.NewStore()));
        var two = here.Run(() => Work.Exclusive(2));
        await scene.Until(run => run.State == FlowRunState.Waiting);
        await scene.Until(() => deaf.Looks == 1);

        work.LetGo(2);
        Assert.Equal(1, await one);
        await scene.Until(async () => (await there.Host.Client.GetLimitLanesAsync("flow", null, Cancellation)).Sum(lane => lane.HolderCount) == 1);
        Assert.Equal((1, 1), (deaf.Looks, work.Started));
        scene.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, await two);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_waits_hears_when_it_is_due_although_another_host_made_it_so(bool sqlite)
    {
        await using var scene = new Scene(sqlite);
        using var work = new Work();
        var there = scene.NewHost(options => options.Limits.Add("flow", slots: 1).AddRate("flow", 1, TimeSpan.FromHours(1), burst: 1));
        var one = there.Run(() => Work.Exclusive(1));
        await scene.Until(() => work.Under == 1);
        var seen = new ObservedLimits();
        var here = scene.NewHost(seen.Observe(scene.NewStore()));
        var two = here.Run(() => Work.Exclusive(2)); // for the slot, as long as it is taken, then for a token
        await scene.Until(run => run.State == FlowRunState.Waiting);
        await scene.Until(() => seen.Looks == (sqlite ? 1 : 0)); // as it begins to listen

        work.LetGo(2);
        Assert.Equal(1, await one);
        await scene.Until(() => seen.Looks > (sqlite ? 1 : 0));
        Assert.Equal(1, work.Started);
        await scene.Until(() =>
        {
            scene.Time.Advance(TimeSpan.FromHours(1)); // again, as it may have read the clock before, and count from now on
            return two.IsCompleted;
        });

        Assert.Equal(2, await two);
    }
}
