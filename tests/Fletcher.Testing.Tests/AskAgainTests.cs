using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Testing.Tests;

/// <summary>Runs that are asked for again, in processes that die.</summary>
public sealed class AskAgainTests
{
    public static TheoryData<bool> Stores => [false, true];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_step_in_doubt_is_resolved_and_the_run_is_retried(bool sqlite)
    {
        await using var test = FlowTest.Start(o => _ = sqlite ? o.UseSqlite() : o);
        var shop = new Shop();
        test.CrashInside("Charge");
        var crashed = await test.RunAsync(() => shop.Sell()).WithinLimit();
        await test.RestartAsync();
        (await test.RunAsync(() => shop.Sell()).WithinLimit()).ShouldFail<StepUnknownException>();
        var client = test.Host.Client;

        Assert.Equal(PlannedAction.InDoubt, (await client.PlanRetryAsync(crashed.Id, Cancellation)).Steps[1].Action);
        await client.ResolveAsync(crashed.Id, "Charge", StepResolution.Returned("by card"), "the bank says so", Cancellation);
        Assert.Equal(PlannedAction.Reused, (await client.PlanRetryAsync(crashed.Id, Cancellation)).Steps[1].Action);
        await client.RetryAsync(crashed.Id, cancellationToken: Cancellation);
        var run = await test.RunAsync(() => shop.Sell()).WithinLimit();

        Assert.Equal(crashed.Id, run.Id);
        Assert.Equal("sold by card", run.ShouldComplete().Result);
        Assert.Equal(["pick", "charge", "ship"], shop.Journal.Lines);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_run_that_is_asked_for_from_a_step_is_done_wherever_its_process_dies(bool sqlite)
    {
        foreach (var crash in new Action<FlowTestHost>[] { t => t.CrashBefore("Pick"), t => t.CrashInside("Pick"), t => t.CrashAfterCommit("Pick"), t => t.CrashInside("Ship") })
        {
            await using var test = FlowTest.Start(o => _ = sqlite ? o.UseSqlite() : o);
            var shop = new Shop();
            var first = await test.RunAsync(() => shop.Give()).WithinLimit();
            first.ShouldComplete();
            crash(test);
            await test.Host.Client.RerunAsync(first.Id, "Pick", cancellationToken: Cancellation);

            (await test.RunAsync(() => shop.Give()).WithinLimit()).ShouldHaveCrashed();
            await test.RestartAsync();
            var run = await test.RunAsync(() => shop.Give()).WithinLimit();

            Assert.Equal(first.Id, run.Id);
            Assert.Equal("given", run.ShouldComplete().Result);
            Assert.Equal(1, shop.Journal.Count("wrap"));
            Assert.InRange(shop.Journal.Count("pick"), 2, 3);
            var steps = await test.Store.GetStepRunsAsync(run.Id, Cancellation).ToListAsync(Cancellation);
            Assert.Equal(["Pick", "Ship"], steps.Where(step => step.Discarded).Select(step => step.Step.Name.Split('.')[^1]));
            Assert.All(steps.Where(step => !step.Discarded), step => Assert.Equal((StepRunState.Completed, false), (step.State, step.Superseded)));
        }
    }

    internal sealed class Shop
    {
        internal Journal Journal { get; } = new();

        [Flow(OnRerun = OnRerun.Resume)]
        internal async Task<string> Sell()
        {
            var items = await Pick();
            var paid = await Charge(items);
            await Ship(items);
            return $"sold {paid}";
        }

        [Flow]
        internal async Task<string> Give()
        {
            await Wrap();
            await Ship(await Pick());
            return "given";
        }

        [Step]
        internal async Task<string[]> Pick()
        {
            await Said("pick");
            return ["tea"];
        }

        [Step(Delivery = Delivery.AtMostOnce)]
        internal async Task<string> Charge(string[] items)
        {
            await Said("charge");
            return $"for {items.Length}";
        }

        [Step]
        internal async Task Ship(string[] items) => await Said(items.Length > 0 ? "ship" : "nothing");

        [Step]
        internal async Task Wrap() => await Said("wrap");

        private async Task Said(string line)
        {
            await Task.Yield();
            Journal.Say(line);
        }
    }
}
