using Fletcher.Engine.Tests;
using Fletcher.Model;

namespace Fletcher.Hosting.Tests;

/// <summary>A run that has ended is asked for again, from one of its steps.</summary>
public sealed class RerunFromStepTests
{
    public static TheoryData<bool> Stores => [false, true];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_program_that_calls_the_flow_again_does_the_step_and_what_was_given_its_result_again(bool sqlite)
    {
        await using var world = new World(sqlite);
        var run = await BilledAsync(world);
        var before = await world.StepsAsync(run);

        var plan = await (await world.ClientAsync()).RerunAsync(run, "Make", reason: "wrong tax", cancellationToken: Cancellation);

        Assert.Equal(
            [("Load", PlannedAction.Reused), ("Make", PlannedAction.RunsAgain), ("Send", PlannedAction.RunsAgain), ("Audit", PlannedAction.Reused)],
            plan.Steps.Select(step => (step.Step.Split('.')[^1], step.Action)));
        Assert.Equal("it was asked for", plan.Steps[1].Why);
        Assert.Contains("its input 'invoices' is the result of step run 2 ", plan.Steps[2].Why, StringComparison.Ordinal);
        var queued = await world.RunOfAsync(run);
        Assert.Equal((FlowRunState.Queued, null, null), (queued.State, queued.Result, queued.HostId));

        Assert.Equal("2 sent, audited", await world.RunAsync(() => Bills.Month("may")));

        Assert.Equal(["load", "make", "send 2", "audit", "make", "send 2"], Bills.Script.Lines);
        Assert.Equal(FlowRunState.Completed, (await world.OnlyRootAsync()).State);
        var steps = await world.StepsAsync(run);
        Assert.Equal([1, 2, 3, 4, 5, 6], steps.Select(step => step.Sequence));
        Assert.Equal([false, true, true, false, false, false], steps.Select(step => step.Discarded));
        Assert.Equal([before[1].Result!.Hash, before[2].Result!.Hash], steps.Where(step => step.Discarded).Select(step => step.Result!.Hash));
        Assert.All(steps, step => Assert.False(step.Superseded));
        Assert.Contains(await world.LedgerAsync(run), entry =>
            entry is { Actor: "ada", From: "Completed", To: "Queued" } && entry.Reason.EndsWith("Make' again: wrong tax", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_host_that_has_the_flow_takes_the_run(bool sqlite)
    {
        await using var world = new World(sqlite);
        var run = await BilledAsync(world);
        await using var server = await world.ServeAsync();

        await server.Host.Client.RerunAsync(run, 3, cancellationToken: Cancellation);

        Assert.Equal(FlowRunState.Completed, (await server.EndOfAsync(run)).State);
        Assert.Equal(["load", "make", "send 2", "audit", "send 2"], Bills.Script.Lines);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_runs_again_with_another_result_makes_steps_run_that_no_arrow_leads_to(bool sqlite)
    {
        await using var world = new World(sqlite);
        Bills.Reset();
        await world.RunAsync(() => Bills.Counted());
        Bills.Rows = ["a", "b", "c"];

        var plan = await (await world.ClientAsync()).RerunAsync((await world.OnlyRootAsync()).Id, "Count", cancellationToken: Cancellation);
        Assert.Equal(PlannedAction.Reused, plan.Steps[1].Action);
        Assert.Equal("told 3", await world.RunAsync(() => Bills.Counted()));

        Assert.Equal(["count", "tell 2", "count", "tell 3"], Bills.Script.Lines);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_was_called_because_of_a_result_without_being_given_it_is_reused(bool sqlite)
    {
        await using var world = new World(sqlite);
        Bills.Reset();
        await world.RunAsync(() => Bills.Checked("may"));

        await (await world.ClientAsync()).RerunAsync((await world.OnlyRootAsync()).Id, "Load", cancellationToken: Cancellation);
        await world.RunAsync(() => Bills.Checked("may"));

        Assert.Equal(["load", "audit", "load"], Bills.Script.Lines);
    }

    [Fact]
    public async Task A_step_is_named_by_its_method_its_stable_name_or_its_own_if_only_it_has_that()
    {
        await using var world = new World(false);
        var run = await BilledAsync(world);
        var client = await world.ClientAsync();
        var stable = (await world.StepsAsync(run))[1].Step.Name;

        foreach (var name in new StepSelector[] { 2, "Make", stable })
            Assert.Equal("it was asked for", (await client.PlanRerunAsync(run, name, Cancellation)).Steps[1].Why);

        Assert.Contains("1 '", (await Refused("FLT1505", () => client.RerunAsync(run, "Nothing"))).Message, StringComparison.Ordinal);
        Assert.Contains("no step run 9", (await Refused("FLT1505", () => client.RerunAsync(run, 9))).Message, StringComparison.Ordinal);
        Assert.Equal(FlowRunState.Completed, (await world.RunOfAsync(run)).State);
    }

    [Fact]
    public async Task A_name_that_several_step_runs_have_is_refused_with_their_list()
    {
        await using var world = new World(false);
        Bills.Reset();
        await world.RunAsync(() => Bills.Twice());

        var error = await Refused("FLT1505", async () => await (await world.ClientAsync()).RerunAsync((await world.OnlyRootAsync()).Id, "Tell"));

        Assert.Contains("fits 2 step runs", error.Message, StringComparison.Ordinal);
        Assert.Contains("1 'RerunFromStepTests.Bills.Tell', 2 'RerunFromStepTests.Bills.Tell'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task At_most_once_steps_run_a_second_time_only_if_that_is_said(bool sqlite)
    {
        await using var world = new World(sqlite);
        Bills.Reset();
        await world.RunAsync(() => Bills.Charged("may"));
        var run = (await world.OnlyRootAsync()).Id;
        var client = await world.ClientAsync();

        var error = await Refused("FLT1506", () => client.RerunAsync(run, "Load"));

        Assert.Contains("step run 2 ", error.Message, StringComparison.Ordinal);
        Assert.Contains("Charge'", error.Message, StringComparison.Ordinal);
        Assert.Equal(FlowRunState.Completed, (await world.RunOfAsync(run)).State);
        Assert.All(await world.StepsAsync(run), step => Assert.False(step.Discarded));
        Assert.True(Assert.Single((await client.PlanRerunAsync(run, "Load", Cancellation)).SecondEffects).Sequence == 2);

        await client.RerunAsync(run, "Load", allowAtMostOnce: true, cancellationToken: Cancellation);
        await world.RunAsync(() => Bills.Charged("may"));
        Assert.Equal(["load", "charge", "load", "charge"], Bills.Script.Lines);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_step_around_the_chosen_one_runs_again_and_reuses_what_else_is_inside_it(bool sqlite)
    {
        await using var world = new World(sqlite);
        Bills.Reset();
        await world.RunAsync(() => Bills.Nested("may"));
        var run = (await world.OnlyRootAsync()).Id;

        var plan = await (await world.ClientAsync()).RerunAsync(run, "Make", cancellationToken: Cancellation);

        Assert.Equal([PlannedAction.RunsAgain, PlannedAction.Reused, PlannedAction.RunsAgain, PlannedAction.RunsAgain], plan.Steps.Select(step => step.Action));
        Assert.Equal("2 sent", await world.RunAsync(() => Bills.Nested("may")));
        Assert.Equal(["outer", "load", "make", "send 2", "outer", "make", "send 2"], Bills.Script.Lines);
        var steps = await world.StepsAsync(run);
        var outer = steps.Where(step => step.Step.Name.EndsWith(".Outer", StringComparison.Ordinal)).ToList();
        Assert.Equal([(1, false), (5, true)], outer.Select(step => (step.Sequence, step.Discarded)));
        Assert.All(outer, step => Assert.Equal(StepRunState.Completed, step.State));
        Assert.All(steps.Where(step => !step.Discarded), step => Assert.False(step.Superseded));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_step_of_a_sub_flow_is_done_again_in_that_run_of_it_and_then_what_depends_on_the_sub_flow(bool sqlite)
    {
        await using var world = new World(sqlite);
        Bills.Reset();
        await world.RunAsync(() => Bills.Outside("may"));
        var root = await world.OnlyRootAsync();
        var child = (await world.StepsAsync(root.Id))[0].ChildRunId!.Value;

        var plan = await (await world.ClientAsync()).RerunAsync(child, "Make", cancellationToken: Cancellation);

        Assert.Equal(root.Id, plan.RunId);
        Assert.Equal(
            [(root.Id, 1, PlannedAction.RunsAgain), (child, 1, PlannedAction.Reused), (child, 2, PlannedAction.RunsAgain), (root.Id, 2, PlannedAction.RunsAgain)],
            plan.Steps.Select(step => (step.RunId, step.Sequence, step.Action)));
        Assert.Equal("2 sent", await world.RunAsync(() => Bills.Outside("may")));
        Assert.Equal(["load", "make", "send 2", "make", "send 2"], Bills.Script.Lines);
        Assert.Equal(child, (await world.StepsAsync(root.Id))[0].ChildRunId);
        Assert.Equal(FlowRunState.Completed, (await world.RunOfAsync(child)).State);
        Assert.Equal([false, true, false], (await world.StepsAsync(child)).Select(step => step.Discarded));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_sub_flow_that_runs_again_is_called_anew_with_all_that_is_in_it(bool sqlite)
    {
        await using var world = new World(sqlite);
        Bills.Reset();
        await world.RunAsync(() => Bills.Around("may"));
        var run = (await world.OnlyRootAsync()).Id;
        var client = await world.ClientAsync();

        var error = await Refused("FLT1506", () => client.RerunAsync(run, "Load"));
        Assert.Contains("of sub-flow ", error.Message, StringComparison.Ordinal);
        await client.RerunAsync(run, "Load", true, cancellationToken: Cancellation);
        await world.RunAsync(() => Bills.Around("may"));

        Assert.Equal(["load", "charge", "load", "charge"], Bills.Script.Lines);
        Assert.Equal(2, (await world.StepsAsync(run)).Where(step => step.ChildRunId is not null).Select(step => step.ChildRunId).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_step_that_is_asked_for_is_not_answered_from_the_cache(bool sqlite)
    {
        await using var world = new World(sqlite);
        Bills.Reset();
        await world.RunAsync(() => Bills.Looked("may"));
        var run = (await world.OnlyRootAsync()).Id;

        await (await world.ClientAsync()).RerunAsync(run, "Cached", cancellationToken: Cancellation);
        await world.RunAsync(() => Bills.Looked("may"));

        Assert.Equal(["cached", "cached"], Bills.Script.Lines);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Of_several_who_ask_at_once_one_gets_it_and_the_others_a_clear_error(bool sqlite)
    {
        await using var world = new World(sqlite);
        var run = await BilledAsync(world);
        var clients = new List<FletcherClient>();
        for (var i = 0; i < 8; i++)
            clients.Add(await world.ClientAsync($"ada {i}"));

        var asked = await Task.WhenAll(clients.Select(client => Task.Run(async () =>
        {
            try
            {
                await client.RerunAsync(run, "Make", cancellationToken: Cancellation);
                return null;
            }
            catch (FletcherUsageException e)
            {
                return e;
            }
        }))).WithinLimit("eight clients");

        Assert.Single(asked, error => error is null);
        Assert.All(asked.OfType<FletcherUsageException>(), error =>
        {
            Assert.Equal("FLT1503", error.Id);
            Assert.Contains("is Queued (ada ", error.Message, StringComparison.Ordinal);
        });
        Assert.Equal(2, (await world.StepsAsync(run)).Count(step => step.Discarded));
        Assert.Single(await world.LedgerAsync(run), entry => entry.To == "Queued");
    }

    [Fact]
    public async Task A_run_whose_key_was_done_by_another_since_cannot_be_done_again()
    {
        await using var world = new World(false);
        Bills.Reset();
        Bills.Fails = true;
        await world.FailAsync<IOException>(() => Bills.Keyed("may"));
        var failed = await world.OnlyRootAsync();
        Bills.Fails = false;
        await world.RunAsync(() => Bills.Keyed("may"));

        var error = await Refused("FLT1507", async () => await (await world.ClientAsync()).RerunAsync(failed.Id, "Load"));

        Assert.Contains("'may'", error.Message, StringComparison.Ordinal);
        Assert.Equal(FlowRunState.Failed, (await world.RunOfAsync(failed.Id)).State);
    }

    private static async Task<FletcherUsageException> Refused(string id, Func<Task> action)
    {
        var error = await Assert.ThrowsAsync<FletcherUsageException>(action);
        Assert.Equal(id, error.Id);
        return error;
    }

    private static async Task<RunId> BilledAsync(World world)
    {
        Bills.Reset();
        Assert.Equal("2 sent, audited", await world.RunAsync(() => Bills.Month("may")));
        return (await world.OnlyRootAsync()).Id;
    }

    internal static class Bills
    {
        internal static Script Script { get; } = new();

        internal static string[] Rows { get; set; } = [];

        internal static bool Fails { get; set; }

        internal static void Reset()
        {
            Script.Clear();
            Rows = ["a", "b"];
            Fails = false;
        }

        [Flow]
        internal static async Task<string> Month(string month)
        {
            var rows = await Load(month);
            var invoices = await Make(rows);
            var sent = await Send(invoices);
            return $"{sent}, {await Audit(month)}";
        }

        [Flow]
        internal static async Task<string> Counted() => await Tell(await Count());

        [Flow]
        internal static async Task<string> Twice() => await Tell(1) + await Tell(2);

        [Flow]
        internal static async Task<string> Checked(string month) => (await Load(month)).Length > 0 ? await Audit(month) : "";

        [Flow]
        internal static async Task<string> Charged(string month) => await Charge(await Load(month));

        [Flow]
        internal static async Task<string> Nested(string month) => await Send(await Outer(month));

        [Flow]
        internal static async Task<string> Outside(string month) => await Send(await Inside(month));

        [Flow]
        internal static async Task<string[]> Inside(string month) => await Make(await Load(month));

        [Flow]
        internal static async Task<string> Around(string month) => await Charging(await Load(month));

        [Flow]
        internal static async Task<string> Charging(string[] rows) => await Charge(rows);

        [Flow]
        internal static async Task<string> Looked(string month) => await Cached(month);

        [Flow(Once = "{month}")]
        internal static async Task<string> Keyed(string month)
        {
            await Load(month);
            return Fails ? throw new IOException() : month;
        }

        [Step]
        internal static async Task<string[]> Load(string month)
        {
            await Said("load");
            return [month, .. Rows];
        }

        [Step]
        internal static async Task<string[]> Make(string[] rows)
        {
            await Said("make");
            return rows[1..];
        }

        [Step]
        internal static async Task<string> Send(string[] invoices)
        {
            await Said($"send {invoices.Length}");
            return $"{invoices.Length} sent";
        }

        [Step]
        internal static async Task<string> Audit(string month)
        {
            await Said("audit");
            return month.Length > 0 ? "audited" : "";
        }

        [Step]
        internal static async Task<int> Count()
        {
            await Said("count");
            return Rows.Length;
        }

        [Step]
        internal static async Task<string> Tell(int count)
        {
            await Said($"tell {count}");
            return $"told {count}";
        }

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static async Task<string> Charge(string[] rows)
        {
            await Said("charge");
            return $"charged {rows.Length}";
        }

        [Step]
        internal static async Task<string[]> Outer(string month)
        {
            await Said("outer");
            return await Make(await Load(month));
        }

        [Step(Cache = "1d")]
        internal static async Task<string> Cached(string month)
        {
            await Said("cached");
            return month;
        }

        private static async Task Said(string line)
        {
            await Task.Yield();
            Script.Say(line);
        }
    }
}
