using Fletcher.Engine.Tests;
using Fletcher.Model;

namespace Fletcher.Hosting.Tests;

/// <summary>Which runs a host takes, and how many.</summary>
public sealed class IntakeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_waits_for_a_host_with_its_labels_and_says_so()
    {
        await using var world = new World(true);
        await using var plain = await world.ServeAsync();
        var client = await world.ClientAsync();

        var gpu = (await client.StartAsync(() => Orders.Pack("gpu"), new StartOptions { Labels = ["gpu", "dmz"] }, Cancellation)).Run;
        var usual = (await client.StartAsync(() => Orders.Pack("usual"), cancellationToken: Cancellation)).Run;

        Assert.Equal("1 x usual", await client.WaitAsync<string>(usual, Cancellation).WithinLimit());
        Assert.Equal((FlowRunState.Queued, "no living host has the labels 'dmz', 'gpu', so it waits for one"), ((await world.RunOfAsync(gpu)).State, (await world.RunOfAsync(gpu)).Reason));
        await using var special = await world.ServeAsync(configure: options =>
        {
            options.Labels.Add("gpu");
            options.Labels.Add("dmz");
        });
        Assert.Equal("1 x gpu", await client.WaitAsync<string>(gpu, Cancellation).WithinLimit());
        Assert.Null((await world.RunOfAsync(gpu)).Reason);
    }

    [Fact]
    public async Task A_host_takes_from_its_queues()
    {
        await using var world = new World(true);
        await using var server = await world.ServeAsync(configure: options => options.Queues.Add("slow"));
        var client = await world.ClientAsync();

        var usual = (await client.StartAsync(() => Orders.Pack("usual"), cancellationToken: Cancellation)).Run;
        var slow = (await client.StartAsync(() => Orders.Pack("slow"), new StartOptions { Queue = "slow" }, Cancellation)).Run;

        Assert.Equal("1 x slow", await client.WaitAsync<string>(slow, Cancellation).WithinLimit());
        Assert.Equal(
            (FlowRunState.Queued, "no living host takes runs of 'Orders.Pack' from queue 'default', so it waits for one"),
            ((await world.RunOfAsync(usual)).State, (await world.RunOfAsync(usual)).Reason));
    }

    [Fact]
    public async Task A_host_takes_the_flows_that_it_lists_and_no_others()
    {
        await using var world = new World(true);
        await using var server = await world.ServeAsync(configure: options =>
        {
            options.Flows.Add("Orders.P*k");
            options.Flows.Add("Orders.Ship");
        });
        Assert.Equal(["Orders.Pack", "Orders.Ship"], server.Host.Identity.Flows);

        var other = (await server.Host.Client.StartAsync(() => Orders.Lose("7"), cancellationToken: Cancellation)).Run;
        var mine = (await server.Host.Client.StartAsync(() => Orders.Pack("7"), cancellationToken: Cancellation)).Run;

        Assert.Equal("1 x 7", await server.Host.Client.WaitAsync<string>(mine, Cancellation).WithinLimit());
        Assert.Equal(FlowRunState.Queued, (await world.RunOfAsync(other)).State);
        Assert.Equal(["Orders.Pack", "Orders.Ship"], (await server.Host.Store.GetFlowsAsync(Cancellation)).Select(flow => flow.Name));
    }

    [Fact]
    public async Task A_flow_that_the_program_does_not_have_is_no_option()
    {
        await using var world = new World(false);

        var listed = await Assert.ThrowsAsync<FletcherUsageException>(() => world.ServeAsync(configure: options => options.Flows.Add("Order.*")));
        var bounded = await Assert.ThrowsAsync<FletcherUsageException>(() => world.ServeAsync(configure: options => options.FlowConcurrency["orders.pack"] = 1));
        var none = await Assert.ThrowsAsync<FletcherUsageException>(() => world.ServeAsync(configure: options => options.Capacity = 0));

        Assert.Equal(("FLT1410", "FLT1410", "FLT1410"), (listed.Id, bounded.Id, none.Id));
        Assert.Contains("Flows names 'Order.*'", listed.Message, StringComparison.Ordinal);
        Assert.Contains("FlowConcurrency names 'orders.pack'", bounded.Message, StringComparison.Ordinal);
        Assert.Contains("Capacity is 0", none.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, null, 3)]
    [InlineData(9, 2, 2)]
    [InlineData(1, 2, 1)]
    [InlineData(4, 0, 4)]
    public async Task No_more_runs_than_there_is_room_for_are_executed_at_once(int capacity, int? concurrency, int most)
    {
        await using var world = new World(true);
        var gate = $"{Guid.NewGuid()}";
        await using var server = await world.ServeAsync(configure: options =>
        {
            options.Capacity = capacity;
            if (concurrency is { } bound)
                options.FlowConcurrency["Orders.Wait"] = bound;
        });

        var started = await server.Host.Client.StartManyAsync(Enumerable.Range(0, 12), number => Orders.Wait(gate, number), cancellationToken: Cancellation);
        await Orders.GateOf(gate).WhenBegun(most).WithinLimit();
        Orders.GateOf(gate).Open(12);
        foreach (var run in started)
            await server.Host.Client.WaitForEndAsync(run.Run, Cancellation).WithinLimit();

        Assert.Equal(most, Orders.GateOf(gate).Most);
        Assert.Equal(Enumerable.Range(0, 12), Orders.GateOf(gate).Begun.Order());
    }

    [Fact]
    public async Task A_flow_bounds_its_own_runs_and_does_not_hold_up_others()
    {
        await using var world = new World(true);
        var gate = $"{Guid.NewGuid()}";
        await using var server = await world.ServeAsync();

        await server.Host.Client.StartManyAsync(Enumerable.Range(0, 5), number => Orders.WaitTwoAtATime(gate, number), cancellationToken: Cancellation);
        await Orders.GateOf(gate).WhenBegun(2).WithinLimit();
        var other = await server.Host.Client.StartAsync(() => Orders.Pack("7"), cancellationToken: Cancellation);
        await server.Host.Client.WaitForEndAsync(other.Run, Cancellation).WithinLimit();
        Assert.Equal(2, Orders.GateOf(gate).Begun.Count);

        Orders.GateOf(gate).Open(5);
        await Orders.GateOf(gate).WhenBegun(5).WithinLimit();
        Assert.Equal(2, Orders.GateOf(gate).Most);
    }

    [Fact]
    public async Task Runs_begin_by_priority_and_in_turn()
    {
        await using var world = new World(true);
        var gate = $"{Guid.NewGuid()}";
        var client = await world.ClientAsync();
        await client.StartManyAsync(Enumerable.Range(0, 10), number => Orders.Wait(gate, number), _ => new StartOptions { FairnessKey = "crowd" }, Cancellation);
        await client.StartManyAsync(Enumerable.Range(10, 2), number => Orders.Wait(gate, number), _ => new StartOptions { FairnessKey = "few" }, Cancellation);
        await client.StartAsync(() => Orders.Wait(gate, 12), new StartOptions { Priority = 1 }, Cancellation);
        Orders.GateOf(gate).Open(13);

        await using var server = await world.ServeAsync(configure: options => options.Capacity = 1);
        await Orders.GateOf(gate).WhenBegun(13).WithinLimit();

        Assert.Equal([12, 0, 10, 1, 11, 2, 3, 4, 5, 6, 7, 8, 9], Orders.GateOf(gate).Begun);
    }

    [Fact]
    public async Task A_host_that_is_drained_ends_what_it_has_and_takes_no_more()
    {
        await using var world = new World(true);
        var gate = $"{Guid.NewGuid()}";
        await using var server = await world.ServeAsync();
        var client = await world.ClientAsync();
        var held = (await client.StartAsync(() => Orders.Wait(gate, 1), cancellationToken: Cancellation)).Run;
        await Orders.GateOf(gate).WhenBegun(1).WithinLimit();

        var drained = server.Host.DrainAsync(Cancellation);
        using var gaveUp = new CancellationTokenSource();
        var givenUp = server.Host.DrainAsync(gaveUp.Token);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp.WithinLimit());
        Assert.True(server.Host.IsDraining);
        Assert.False(drained.IsCompleted);
        Assert.Equal("1 x here", await server.Host.RunAsync(() => Orders.Pack("here")).WithinLimit());

        Orders.GateOf(gate).Open(1);
        await drained.WithinLimit();
        Assert.True((await world.RunOfAsync(held)).State.IsEnd());
        var left = (await client.StartAsync(() => Orders.Pack("left"), cancellationToken: Cancellation)).Run;
        Assert.Equal("each host that takes runs of 'Orders.Pack' is being drained, so it waits for one", (await world.RunOfAsync(left)).Reason);
        await using (var other = await world.ServeAsync(configure: options => options.Labels.Add("other")))
        {
            var taken = (await client.StartAsync(() => Orders.Pack("taken"), cancellationToken: Cancellation)).Run;
            await client.WaitForEndAsync(left, Cancellation).WithinLimit();
            await client.WaitForEndAsync(taken, Cancellation).WithinLimit();
            await other.Host.DrainAsync(Cancellation).WithinLimit();
        }

        await server.Host.EndDrainAsync(Cancellation);
        Assert.False(server.Host.IsDraining);
        var again = (await client.StartAsync(() => Orders.Pack("again"), cancellationToken: Cancellation)).Run;
        Assert.Equal("1 x again", await client.WaitAsync<string>(again, Cancellation).WithinLimit());
    }
}
