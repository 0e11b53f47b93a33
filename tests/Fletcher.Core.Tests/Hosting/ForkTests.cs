using System.Text;
using Fletcher.Engine.Tests;
using Fletcher.Model;

namespace Fletcher.Hosting.Tests;

/// <summary>A new run that starts with the memory of another.</summary>
public sealed class ForkTests
{
    public static TheoryData<bool> Stores => [false, true];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_fork_of_a_failed_run_starts_with_what_was_done_and_leaves_its_source_alone(bool sqlite)
    {
        await using var world = new World(sqlite);
        Work.Reset();
        Work.Fails = true;
        await world.FailAsync<IOException>(() => Work.Month("may", 1));
        var source = await world.OnlyRootAsync();
        var before = await world.StepsAsync(source.Id);
        Work.Fails = false;

        var fork = await (await world.ClientAsync()).ForkAsync(source.Id, cancellationToken: Cancellation);
        await using var server = await world.ServeAsync();
        var done = await server.EndOfAsync(fork);

        Assert.Equal((FlowRunState.Completed, source.Id, 1), (done.State, done.ForkedFrom, done.Attempt));
        Assert.Equal("\"sent 3 of may\"", Encoding.UTF8.GetString(done.Result!.Content!));
        Assert.Equal(["load", "count", "charge 3", "send 3", "send 3"], Work.Script.Lines);
        Assert.Equal(FlowRunState.Failed, (await world.RunOfAsync(source.Id)).State);
        Assert.Equal(before.Select(step => step.State), (await world.StepsAsync(source.Id)).Select(step => step.State));
        var copies = await world.StepsAsync(fork);
        Assert.All(copies.Take(3), copy => Assert.Equal((fork, $"copied from run {source.Id}"), (copy.RunId, copy.Reason)));
        Assert.Equal(before.Take(3).Select(step => (step.Sequence, step.Key)), copies.Take(3).Select(step => (step.Sequence, step.Key)));
        Assert.Contains(await world.LedgerAsync(fork), entry => entry.Reason == $"forked from run {source.Id} by ada");
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task The_memory_of_a_fork_ends_before_a_step_and_what_is_not_copied_runs(bool sqlite)
    {
        await using var world = new World(sqlite);
        var source = await DoneAsync(world);
        var client = await world.ClientAsync();

        var plan = await client.PlanForkAsync(source.Id, new ForkOptions { Before = "Charge" }, Cancellation);

        Assert.Equal(
            [("Load", PlannedAction.Reused), ("Count", PlannedAction.Reused), ("Charge", PlannedAction.RunsAgain), ("Send", PlannedAction.RunsAgain)],
            plan.Steps.Select(step => (step.Step.Split('.')[^1], step.Action)));
        Assert.Equal("the memory ends before it", plan.Steps[2].Why);
        Assert.Equal(3, Assert.Single(plan.SecondEffects).Sequence);
        Assert.Equal(source.Id, (await world.OnlyRootAsync()).Id);

        var fork = await client.ForkAsync(source.Id, new ForkOptions { Before = "Charge" }, Cancellation);
        Assert.Equal([1, 2], (await world.StepsAsync(fork)).Select(step => step.Sequence));
        await world.RunAsync(() => Work.Month("may", 1)); // a program that calls the flow with its parameters goes on with it

        Assert.Equal(FlowRunState.Completed, (await world.RunOfAsync(fork)).State);
        Assert.Equal(["load", "count", "charge 3", "send 3", "charge 3", "send 3"], Work.Script.Lines);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task With_another_parameter_what_depended_on_it_runs(bool sqlite)
    {
        await using var world = new World(sqlite);
        var source = await DoneAsync(world);
        await using var server = await world.ServeAsync();

        var fork = await server.Host.Client.ForkAsync(
            source.Id, new ForkOptions { Before = "Charge" }.WithParameter("month", "june").WithParameterJson("copies", " 2 "), Cancellation);

        Assert.Equal(FlowRunState.Completed, (await server.EndOfAsync(fork)).State);
        Assert.Equal("""{"month":"june","copies":2}""", Encoding.UTF8.GetString((await world.RunOfAsync(fork)).Parameters));
        Assert.Equal(["load", "count", "charge 3", "send 3", "load", "count", "charge 3", "send 3"], Work.Script.Lines);
        Assert.Equal("\"sent 3 of june\"", Encoding.UTF8.GetString((await world.RunOfAsync(fork)).Result!.Content!));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_program_that_calls_the_flow_with_the_changed_parameters_goes_on_with_the_fork(bool knowsTheFlow)
    {
        await using var world = new World(false);
        var source = await DoneAsync(world);
        var options = new ForkOptions { Before = 1 }.WithParameter("month", "jüne").WithParameterJson("copies", "2");

        RunId fork;
        if (knowsTheFlow)
        {
            await using var host = new TestHost(await world.OpenAsync(), configure: o => o.FlowAssemblies.Add(typeof(Work).Assembly));
            fork = await host.Host.Client.ForkAsync(source.Id, options, Cancellation);
        }
        else
        {
            fork = await (await world.ClientAsync()).ForkAsync(source.Id, options, Cancellation);
        }

        Assert.Equal("sent 3 of jüne", await world.RunAsync(() => Work.Month("jüne", 2)));
        Assert.Equal(FlowRunState.Completed, (await world.RunOfAsync(fork)).State);
    }

    [Fact]
    public async Task Parameters_that_do_not_fit_the_flow_are_refused_all_at_once()
    {
        await using var world = new World(false);
        var source = await DoneAsync(world);
        await using var host = new TestHost(await world.OpenAsync(), configure: o => o.FlowAssemblies.Add(typeof(Work).Assembly));
        var options = new ForkOptions().WithParameter("copies", "two").WithParameter("colour", "red");

        foreach (var client in new[] { host.Host.Client, await world.ClientAsync() })
        {
            var error = await Refused("FLT1510", () => client.ForkAsync(source.Id, options, Cancellation));
            Assert.Contains("'copies' must be", error.Message, StringComparison.Ordinal);
            Assert.Contains("'colour' is", error.Message, StringComparison.Ordinal);
            await Refused("FLT1510", () => client.PlanForkAsync(source.Id, options, Cancellation));
        }

        Assert.Equal(source.Id, (await world.OnlyRootAsync()).Id);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task With_another_result_of_a_step_what_was_given_it_runs_and_the_step_does_not(bool sqlite)
    {
        await using var world = new World(sqlite);
        var source = await DoneAsync(world);
        await using var server = await world.ServeAsync();
        var options = new ForkOptions { Before = "Charge" }.WithResult<List<string>>("Load", ["x", "y"]);

        var plan = await server.Host.Client.PlanForkAsync(source.Id, options, Cancellation);
        var fork = await server.Host.Client.ForkAsync(source.Id, options, Cancellation);

        Assert.Equal("its result is the one that was given", plan.Steps[0].Why);
        Assert.Contains("which was changed", plan.Steps[1].Why, StringComparison.Ordinal);
        Assert.Equal(FlowRunState.Completed, (await server.EndOfAsync(fork)).State);
        Assert.Equal(["load", "count", "charge 3", "send 3", "count", "charge 2", "send 2"], Work.Script.Lines);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_changed_large_result_is_seen_by_content_where_it_is_passed_on_by_reference(bool sqlite)
    {
        await using var world = new World(sqlite);
        Work.Reset();
        await world.RunAsync(() => Work.Large());
        var source = await world.OnlyRootAsync();
        await using var server = await world.ServeAsync();
        var changed = Enumerable.Range(0, 40_000).Select(number => $"row {number + 1}").ToArray();

        var fork = await server.Host.Client.ForkAsync(
            source.Id, new ForkOptions().WithResultJson("Rows", System.Text.Json.JsonSerializer.Serialize(changed)), Cancellation);
        var same = await server.Host.Client.ForkAsync(source.Id, cancellationToken: Cancellation);

        Assert.Equal("\"row 1\"", Encoding.UTF8.GetString((await server.EndOfAsync(fork)).Result!.Content!));
        Assert.Equal("\"row 0\"", Encoding.UTF8.GetString((await server.EndOfAsync(same)).Result!.Content!));
        Assert.Equal(["rows", "first", "first"], Work.Script.Lines);

        // The copies name the value by themselves: nothing leads from them to the source.
        var store = await world.OpenAsync();
        var large = (await world.StepsAsync(same))[0].Result!;
        Assert.Equal(large.Length, (await store.ReadValueAsync(large, Cancellation)).Length);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_no_arrow_leads_to_runs_when_its_content_changes_and_an_at_most_once_step_stops_the_fork(bool sqlite)
    {
        await using var world = new World(sqlite);
        var source = await DoneAsync(world);
        await using var server = await world.ServeAsync();

        var fork = await server.Host.Client.ForkAsync(source.Id, new ForkOptions().WithResult("Count", 5), Cancellation);

        var failed = await server.EndOfAsync(fork);
        Assert.Equal(FlowRunState.Failed, failed.State);
        Assert.Contains("FLT1303", failed.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(["load", "count", "charge 3", "send 3"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_step_that_failed_can_be_given_a_result()
    {
        await using var world = new World(false);
        Work.Reset();
        Work.Fails = true;
        await world.FailAsync<IOException>(() => Work.Month("may", 1));
        var source = await world.OnlyRootAsync();

        var fork = await (await world.ClientAsync()).ForkAsync(source.Id, new ForkOptions().WithResultJson("Send", "\"by hand\""), Cancellation);
        await using var server = await world.ServeAsync();

        Assert.Equal("\"by hand\"", Encoding.UTF8.GetString((await server.EndOfAsync(fork)).Result!.Content!));
    }

    [Fact]
    public async Task What_cannot_be_is_refused()
    {
        await using var world = new World(false);
        var source = await DoneAsync(world);
        var client = await world.ClientAsync();

        await Refused("FLT1401", () => client.ForkAsync(RunId.New(TimeProvider.System), null, Cancellation));
        await Refused("FLT1505", () => client.ForkAsync(source.Id, new ForkOptions { Before = "Nothing" }, Cancellation));
        await Refused("FLT1509", () => client.ForkAsync(source.Id, new ForkOptions { Before = "Charge" }.WithResult("Send", "x"), Cancellation));
        Assert.Equal("FLT1508", Assert.Throws<FletcherUsageException>(() => new ForkOptions().WithParameterJson("month", "may")).Id);
        Assert.Throws<InvalidOperationException>(() => new ForkOptions().WithResult(1, 1).WithResult(2, 2));
    }

    private static async Task<FletcherUsageException> Refused(string id, Func<Task> action)
    {
        var error = await Assert.ThrowsAsync<FletcherUsageException>(action);
        Assert.Equal(id, error.Id);
        return error;
    }

    private static async Task<FlowRunRecord> DoneAsync(World world)
    {
        Work.Reset();
        Assert.Equal("sent 3 of may", await world.RunAsync(() => Work.Month("may", 1)));
        return await world.OnlyRootAsync();
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static bool Fails { get; set; }

        internal static void Reset()
        {
            Script.Clear();
            Fails = false;
        }

        [Flow]
        internal static async Task<string> Month(string month, int copies)
        {
            var rows = await Load(month);
            var count = await Count(rows);
            await Charge(count);
            return $"{await Send(rows, month)}{(copies > 0 ? "" : "?")}";
        }

        [Flow]
        internal static async Task<string> Large() => await First(await Rows());

        [Step]
        internal static async Task<string[]> Load(string month)
        {
            await Said("load");
            return [month, "a", "b"];
        }

        [Step]
        internal static async Task<int> Count(string[] rows)
        {
            await Said("count");
            return rows.Length;
        }

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static async Task Charge(int count) => await Said($"charge {count}");

        [Step]
        internal static async Task<string> Send(string[] rows, string month)
        {
            await Said($"send {rows.Length}");
            return Fails ? throw new IOException() : $"sent {rows.Length} of {month}";
        }

        [Step]
        internal static async Task<string[]> Rows()
        {
            await Said("rows");
            return [.. Enumerable.Range(0, 40_000).Select(number => $"row {number}")];
        }

        [Step]
        internal static async Task<string> First(string[] rows)
        {
            await Said("first");
            return rows[0];
        }

        private static async Task Said(string line)
        {
            await Task.Yield();
            Script.Say(line);
        }
    }
}
