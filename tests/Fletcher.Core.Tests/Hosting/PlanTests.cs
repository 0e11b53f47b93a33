using Fletcher.Engine.Tests;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting.Tests;

/// <summary>What would run again and what would not, before anything does.</summary>
public sealed class PlanTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_plan_of_a_retry_tells_what_is_reused_what_runs_and_what_may_run(bool sqlite)
    {
        await using var world = new World(sqlite);
        var run = await FailedAsync(world);
        await using var host = new TestHost(await world.OpenAsync(), configure: o => o.FlowAssemblies.Add(typeof(Work).Assembly));
        var before = await SnapshotAsync(world, run);

        var plan = await host.Host.Client.PlanRetryAsync(run, Cancellation);

        Assert.Equal(
            [
                ("Load", 1, PlannedAction.Reused, "its result is remembered"),
                ("Sub", 2, PlannedAction.RunsAgain, "it failed: System.IO.IOException: no luck"),
                ("Inside", 1, PlannedAction.Reused, "its result is remembered"),
                ("Fails", 2, PlannedAction.RunsAgain, "it failed: System.IO.IOException: no luck"),
                ("Later", 0, PlannedAction.MayRun, "it was not reached yet; line # has it on the flow's way"),
                ("Perhaps", 0, PlannedAction.MayRun, "it was not reached yet; line # has it in a branch, a loop or a handler"),
            ],
            plan.Steps.Select(step => (step.Step.Split('.')[^1], step.Sequence, step.Action, System.Text.RegularExpressions.Regex.Replace(step.Why, "line [0-9]+", "line #"))));
        Assert.Equal(2, plan.Count(PlannedAction.Reused));
        Assert.Equal(before, await SnapshotAsync(world, run));
    }

    [Fact]
    public async Task No_plan_changes_anything()
    {
        await using var world = new World(false);
        var run = await FailedAsync(world);
        var client = await world.ClientAsync();
        var before = await SnapshotAsync(world, run);

        await client.PlanRetryAsync(run, Cancellation);
        await client.PlanRerunAsync(run, "Load", Cancellation);
        await client.PlanForkAsync(run, new ForkOptions { Before = 2 }.WithResult("Load", 5), Cancellation);

        Assert.Equal(before, await SnapshotAsync(world, run));
        Assert.Equal(run, (await world.OnlyRootAsync()).Id);
    }

    [Fact]
    public async Task A_step_in_doubt_is_named_and_a_step_inside_one_that_is_reused_goes_with_it()
    {
        await using var world = new World(false);
        Work.Fails = false;
        await world.RunAsync(() => Work.Charged());
        var run = (await world.OnlyRootAsync()).Id;
        var steps = await world.StepsAsync(run);
        var batch = new WriteBatch();
        batch.StepRuns.AddRange([steps[1] with { State = StepRunState.Failed, Result = null }, steps[2] with { State = StepRunState.Unknown, Result = null }]);
        batch.FlowRuns.Add((await world.RunOfAsync(run)) with { State = FlowRunState.Failed });
        await (await world.OpenAsync()).WriteAsync(batch, Cancellation);

        var plan = await (await world.ClientAsync()).PlanRetryAsync(run, Cancellation);

        Assert.Equal([PlannedAction.Reused, PlannedAction.Reused, PlannedAction.InDoubt], plan.Steps.Select(step => step.Action));
        Assert.Contains("inside step run 1", plan.Steps[1].Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_is_no_retry_to_plan_of_a_run_that_completed_or_is_a_sub_flow()
    {
        await using var world = new World(false);
        Work.Fails = false;
        await world.RunAsync(() => Work.Root(true));
        var root = await world.OnlyRootAsync();
        var sub = (await world.StepsAsync(root.Id)).Single(step => step.ChildRunId is not null).ChildRunId!.Value;
        var client = await world.ClientAsync();

        Assert.Equal("FLT1503", (await Assert.ThrowsAsync<FletcherUsageException>(() => client.PlanRetryAsync(root.Id, Cancellation))).Id);
        Assert.Equal("FLT1504", (await Assert.ThrowsAsync<FletcherUsageException>(() => client.PlanRetryAsync(sub, Cancellation))).Id);
        Assert.Equal("FLT1401", (await Assert.ThrowsAsync<FletcherUsageException>(() => client.PlanRetryAsync(RunId.New(TimeProvider.System), Cancellation))).Id);
    }

    private static async Task<RunId> FailedAsync(World world)
    {
        Work.Fails = true;
        await world.FailAsync<IOException>(() => Work.Root(true));
        return (await world.OnlyRootAsync()).Id;
    }

    private static async Task<string> SnapshotAsync(World world, RunId run) => string.Join(
        '\n', (await world.StepsAsync(run)).Select(step => (step.Sequence, step.State, step.Discarded, step.Reason).ToString()).Append((await world.RunOfAsync(run)).Version.ToString())
            .Append((await world.LedgerAsync(run)).Count.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    internal static class Work
    {
        internal static bool Fails { get; set; }

        [Flow]
        internal static async Task<int> Root(bool really)
        {
            var rows = await Load();
            rows += await Sub(rows);
            await Later();
            if (!really)
                await Perhaps();
            return rows;
        }

        [Flow]
        internal static async Task<int> Sub(int rows)
        {
            await Inside();
            return await Failing(rows);
        }

        [Flow]
        internal static async Task<int> Charged() => await Outer() + await Charge();

        [Step]
        internal static async Task<int> Outer() => await Load();

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static Task<int> Charge() => Task.FromResult(1);

        [Step]
        internal static Task<int> Load() => Task.FromResult(1);

        [Step]
        internal static Task Inside() => Task.CompletedTask;

        [Step]
        internal static Task Later() => Task.CompletedTask;

        [Step]
        internal static Task Perhaps() => Task.CompletedTask;

        [Step(Id = "Work.Fails")]
        internal static Task<int> Failing(int rows) => Fails ? throw new IOException("no luck") : Task.FromResult(rows);
    }
}
