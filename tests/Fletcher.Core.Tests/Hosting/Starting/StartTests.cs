using Fletcher.Engine.Tests;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting.Tests;

/// <summary>Runs that a client starts, and a host executes.</summary>
public sealed class StartTests
{
    public static TheoryData<bool> Stores => [false, true];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_flow_is_started_by_calling_it_and_executed_elsewhere(bool sqlite)
    {
        await using var world = new World(sqlite);
        var client = await world.ClientAsync();

        var started = await client.StartAsync(
            () => Orders.Pack("7", 3),
            new StartOptions { Priority = 4, Queue = "fast", Labels = ["gpu", "dmz", "gpu"], FairnessKey = "ada", Tags = ["urgent", "orders"], Reason = "it was promised" },
            Cancellation);

        Assert.True(started.IsCreated);
        var queued = await world.RunOfAsync(started.Run);
        Assert.Equal((FlowRunState.Queued, "order 7", 0, null), (queued.State, queued.Name, queued.Attempt, queued.StartedAt));
        Assert.Equal((4, "fast", "ada"), (queued.Priority, queued.Queue, queued.FairnessKey));
        Assert.Equal(["dmz", "gpu"], queued.Labels);
        Assert.Equal(["orders", "urgent"], queued.Tags);
        await using var server = await world.ServeAsync(configure: options =>
        {
            options.Labels.Add("gpu");
            options.Labels.Add("dmz");
        });

        Assert.Equal("3 x 7", await client.WaitAsync<string>(started.Run, Cancellation).WithinLimit());

        var done = await world.RunOfAsync(started.Run);
        Assert.Equal((FlowRunState.Completed, 1, 4), (done.State, done.Attempt, done.Priority));
        var ledger = await world.LedgerAsync(started.Run);
        Assert.Equal(("Queued", "ada", "started by ada: it was promised"), (ledger[0].To, ledger[0].Actor, ledger[0].Reason));
        Assert.Equal(("Queued", "Running", "a host took it"), (ledger[1].From, ledger[1].To, ledger[1].Reason));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_program_without_the_flow_starts_it_by_name(bool sqlite)
    {
        await using var world = new World(sqlite);
        await using var server = await world.ServeAsync();
        var client = await world.ClientAsync();

        var byObject = await client.StartAsync("Orders.Pack", new { order = "8" }, cancellationToken: Cancellation);
        var byJson = await client.StartJsonAsync("Orders.Pack", """{ "copies": 2, "order": "9" }""", cancellationToken: Cancellation);
        var byPairs = await client.StartAsync("Orders.Pack", new Dictionary<string, object> { ["order"] = "10" }, cancellationToken: Cancellation);

        Assert.Equal("1 x 8", await client.WaitAsync<string>(byObject.Run, Cancellation).WithinLimit());
        Assert.Equal("2 x 9", await client.WaitAsync<string>(byJson.Run, Cancellation).WithinLimit());
        Assert.Equal("1 x 10", await client.WaitAsync<string>(byPairs.Run, Cancellation).WithinLimit());
        Assert.Equal(["orders"], (await world.RunOfAsync(byJson.Run)).Tags);
    }

    [Fact]
    public async Task A_start_by_name_keeps_the_parameters_as_a_call_does()
    {
        await using var world = new World(false);
        await using var server = await world.ServeAsync(configure: options => options.Queues.Add("another"));
        var client = await world.ClientAsync();

        var typed = await world.RunOfAsync((await client.StartAsync(() => Orders.Pack("8"), cancellationToken: Cancellation)).Run);
        foreach (var start in (StartedRun[])
            [
                await client.StartJsonAsync("Orders.Pack", """{"copies":1,"order":"8"}""", cancellationToken: Cancellation),
                await client.StartAsync("Orders.Pack", new { order = "8" }, cancellationToken: Cancellation),
                await server.Host.Client.StartAsync("Orders.Pack", new { copies = 1, order = "8" }, cancellationToken: Cancellation),
            ])
        {
            var named = await world.RunOfAsync(start.Run);
            Assert.Equal(typed.Parameters, named.Parameters);
            Assert.Equal(typed.ParametersHash, named.ParametersHash);
        }
    }

    [Theory]
    [InlineData("""{}""", "'order'")]
    [InlineData("""{"order":7}""", "'order' must be string and is 7")]
    [InlineData("""{"order":"7","copies":"two"}""", "'copies' must be integer and is \"two\"")]
    [InlineData("""{"order":"7","copy":2}""", "'copy'")]
    [InlineData("""["7"]""", "must be a JSON object")]
    public async Task Parameters_that_do_not_fit_are_refused_at_the_door(string json, string expected)
    {
        await using var world = new World(false);
        await using var server = await world.ServeAsync();
        foreach (var client in (FletcherClient[])[await world.ClientAsync(), server.Host.Client])
        {
            var error = await Assert.ThrowsAsync<FletcherUsageException>(() => client.StartJsonAsync("Orders.Pack", json, cancellationToken: Cancellation));
            Assert.Equal("FLT1517", error.Id);
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
            Assert.Contains("'Orders.Pack'", error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(await server.Host.Store.GetFlowRunsAsync(new FlowRunQuery(), Cancellation));
    }

    [Fact]
    public async Task Nothing_of_many_is_started_when_one_does_not_fit()
    {
        await using var world = new World(false);
        await using var server = await world.ServeAsync();

        await Assert.ThrowsAsync<FletcherUsageException>(
            () => server.Host.Client.StartManyAsync("Orders.Wait", [new { gate = "g", number = (object)1 }, new { gate = "g", number = (object)"two" }], cancellationToken: Cancellation));

        Assert.Empty(await server.Host.Store.GetFlowRunsAsync(new FlowRunQuery(), Cancellation));
    }

    [Fact]
    public async Task A_flow_that_nobody_knows_is_refused_with_the_nearest_name()
    {
        await using var world = new World(false);
        var client = await world.ClientAsync();
        var first = await Assert.ThrowsAsync<FletcherUsageException>(() => client.StartAsync("Orders.Pak", new { }, cancellationToken: Cancellation));
        Assert.Contains("No host has said", first.Message, StringComparison.Ordinal);
        await using (await world.ServeAsync())
        {
        }

        var error = await Assert.ThrowsAsync<FletcherUsageException>(() => client.StartAsync("Orders.Pak", new { }, cancellationToken: Cancellation));

        Assert.Equal("FLT1516", error.Id);
        Assert.Contains("Did you mean 'Orders.Pack'?", error.Message, StringComparison.Ordinal);
        var forced = await client.StartAsync("Orders.Pak", new { any = 1 }, new StartOptions { AllowUnknownFlow = true }, Cancellation);
        Assert.Equal("no living host takes runs of 'Orders.Pak', so it waits for one", (await world.RunOfAsync(forced.Run)).Reason);
    }

    [Fact]
    public async Task A_run_for_later_is_scheduled_and_can_be_cancelled_without_any_host()
    {
        await using var world = new World(true);
        var client = await world.ClientAsync();
        var at = TimeProvider.System.GetUtcNow().AddDays(1);

        var later = (await client.StartAsync(() => Orders.Pack("7"), new StartOptions { At = at }, Cancellation)).Run;
        var past = (await client.StartAsync(() => Orders.Pack("7"), new StartOptions { At = at.AddDays(-9) }, Cancellation)).Run;

        Assert.Equal(FlowRunState.Scheduled, (await world.RunOfAsync(later)).State);
        Assert.InRange((await world.RunOfAsync(later)).WakeAt!.Value, at.AddMilliseconds(-1), at);
        Assert.Equal(FlowRunState.Queued, (await world.RunOfAsync(past)).State);
        await client.CancelAsync(later, "not wanted", Cancellation);
        await client.CancelAsync(past, cancellationToken: Cancellation);

        var cancelled = await world.RunOfAsync(later);
        Assert.Equal((FlowRunState.Cancelled, "cancelled by ada: not wanted", null), (cancelled.State, cancelled.Reason, cancelled.WakeAt));
        await Assert.ThrowsAsync<RunCancelledException>(() => client.WaitAsync<string>(past, Cancellation));
        Assert.Equal("Cancelled", (await world.LedgerAsync(later))[^1].To);
        Assert.Equal("FLT1503", (await Assert.ThrowsAsync<FletcherUsageException>(() => client.CancelAsync(later, cancellationToken: Cancellation))).Id);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_run_for_later_begins_when_its_time_has_come(bool sqlite)
    {
        await using var world = new World(sqlite);
        await using var server = await world.ServeAsync();
        var at = TimeProvider.System.GetUtcNow().AddMilliseconds(300);

        var started = await server.Host.Client.StartAsync(() => Orders.Pack("7"), new StartOptions { At = at }, Cancellation);

        Assert.Equal("1 x 7", await server.Host.Client.WaitAsync<string>(started.Run, Cancellation).WithinLimit());
        Assert.True((await world.RunOfAsync(started.Run)).StartedAt >= at.AddMilliseconds(-1));
    }

    [Fact]
    public async Task Of_starts_that_come_shortly_after_one_another_the_last_one_runs()
    {
        await using var world = new World(true);
        await using var server = await world.ServeAsync();
        var options = new StartOptions { Debounce = new Debounce("customer 7", TimeSpan.FromSeconds(1)) };

        var first = await server.Host.Client.StartAsync(() => Orders.Pack("a"), options, Cancellation);
        var second = await server.Host.Client.StartAsync(() => Orders.Pack("b"), options, Cancellation);
        var third = await server.Host.Client.StartAsync("Orders.Pack", new { order = "c" }, options, Cancellation);

        // On a slow machine the first may have begun already.
        if (second.Outcome == StartOutcome.Replaced && third.Outcome == StartOutcome.Replaced)
            Assert.Equal((first.Run, first.Run), (second.Run, third.Run));
        Assert.Equal("1 x c", await server.Host.Client.WaitAsync<string>(third.Run, Cancellation).WithinLimit());
    }

    [Fact]
    public async Task A_start_with_a_key_that_is_known_makes_no_run()
    {
        await using var world = new World(true);
        var client = await world.ClientAsync();
        var idempotent = new StartOptions { IdempotencyKey = "mail 7" };
        var only = new StartOptions { DeduplicationKey = "nightly" };

        var first = await client.StartAsync(() => Orders.Pack("7"), idempotent, Cancellation);
        var again = await client.StartAsync(() => Orders.Pack("7"), idempotent, Cancellation);
        var night = await client.StartAsync(() => Orders.Pack("8"), only, Cancellation);
        var sameNight = await client.StartAsync(() => Orders.Pack("8"), only, Cancellation);

        Assert.Equal((first.Run, false), (again.Run, again.IsCreated));
        Assert.Equal((night.Run, false), (sameNight.Run, sameNight.IsCreated));
        Assert.Equal(2, (await (await world.OpenAsync()).GetFlowRunsAsync(new FlowRunQuery(), Cancellation)).Count);
    }

    [Fact]
    public async Task A_flow_that_is_done_once_is_started_once()
    {
        await using var world = new World(true);
        await using var server = await world.ServeAsync();

        var first = await server.Host.Client.StartAsync(() => Orders.Ship("7"), cancellationToken: Cancellation);
        Assert.Equal("shipped 7", await server.Host.Client.WaitAsync<string>(first.Run, Cancellation).WithinLimit());

        Assert.Equal(new StartedRun(first.Run, StartOutcome.Found), await server.Host.Client.StartAsync("Orders.Ship", new { order = "7" }, cancellationToken: Cancellation));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Ten_thousand_runs_are_started_in_one_call(bool sqlite)
    {
        await using var world = new World(sqlite);
        var client = await world.ClientAsync();

        var started = await client.StartManyAsync(
            Enumerable.Range(0, 10_000), number => Orders.Wait("none", number), number => new StartOptions { FairnessKey = $"{number % 7}", IdempotencyKey = $"{number % 9_999}" }, Cancellation);

        Assert.Equal(9_999, started.Count(run => run.IsCreated));
        Assert.Equal(started[0].Run, started[9_999].Run);
        Assert.Equal(9_999, started.Select(run => run.Run).Distinct().Count());
        Assert.Equal("""{"gate":"none","number":4711}"""u8.ToArray(), (await world.RunOfAsync(started[4711].Run)).Parameters);
    }

    [Fact]
    public async Task Code_that_starts_a_flow_calls_one_and_nothing_behind_the_call_runs()
    {
        await using var world = new World(false);
        var client = await world.ClientAsync();
        var isReached = false;

        await client.StartAsync(
            async () =>
            {
                await Orders.Pack("7");
                isReached = true;
            },
            cancellationToken: Cancellation);
        var error = await Assert.ThrowsAsync<FletcherUsageException>(() => client.StartAsync(() => Task.CompletedTask, cancellationToken: Cancellation));

        Assert.False(isReached);
        Assert.Equal("FLT1210", error.Id);
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => client.StartAsync(() => throw new TimeZoneNotFoundException(), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Wrong_options_are_told_all_at_once()
    {
        await using var world = new World(false);
        var options = new StartOptions { Queue = " ", Labels = [""], IdempotencyKey = "", Debounce = new Debounce("k", TimeSpan.Zero), At = DateTimeOffset.UnixEpoch };

        var error = await Assert.ThrowsAsync<FletcherUsageException>(
            async () => await (await world.ClientAsync()).StartAsync(() => Orders.Pack("7"), options, Cancellation));

        Assert.Equal("FLT1518", error.Id);
        foreach (var part in (string[])["Queue", "Labels", "IdempotencyKey", "Debounce.Wait", "At"])
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_waits_for_a_run_hears_how_it_ended()
    {
        await using var world = new World(true);
        await using var server = await world.ServeAsync();
        var client = await world.ClientAsync();
        var gate = $"{Guid.NewGuid()}";

        var lost = await client.StartAsync(() => Orders.Lose("7"), cancellationToken: Cancellation);
        var error = await Assert.ThrowsAsync<FletcherUsageException>(() => client.WaitAsync<int>(lost.Run, Cancellation).WithinLimit());
        Assert.Equal("FLT1403", error.Id);
        Assert.Contains("7 is lost", error.Message, StringComparison.Ordinal);

        var held = await client.StartAsync(() => Orders.Wait(gate, 1), cancellationToken: Cancellation);
        using var gaveUp = new CancellationTokenSource();
        var givenUp = client.WaitAsync<int>(held.Run, gaveUp.Token);
        var waiting = client.WaitAsync<int>(held.Run, Cancellation);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp.WithinLimit());
        Orders.GateOf(gate).Open(1);
        Assert.Equal(1, await waiting.WithinLimit());
        Assert.Equal("FLT1205", (await Assert.ThrowsAsync<FletcherUsageException>(() => client.WaitAsync<DateOnly>(held.Run, Cancellation))).Id);
        Assert.Equal("FLT1401", (await Assert.ThrowsAsync<FletcherUsageException>(() => client.WaitAsync<int>(RunId.New(TimeProvider.System), Cancellation))).Id);
    }

    [Fact]
    public async Task A_step_starts_a_run_that_is_nobodys_sub_flow()
    {
        await using var world = new World(true);
        await using var server = await world.ServeAsync();

        var outer = await server.Host.Client.StartAsync(() => Orders.PackLater("7"), new StartOptions { Priority = 9, FairnessKey = "ada" }, Cancellation);
        var inner = RunId.Parse(await server.Host.Client.WaitAsync<string>(outer.Run, Cancellation).WithinLimit(), null);

        Assert.Equal("2 x 7", await server.Host.Client.WaitAsync<string>(inner, Cancellation).WithinLimit());
        var run = await world.RunOfAsync(inner);
        Assert.Equal((null, inner, 0, ""), (run.ParentRunId, run.RootRunId, run.Priority, run.FairnessKey));
    }
}
