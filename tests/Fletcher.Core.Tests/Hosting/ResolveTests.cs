using Fletcher.Engine.Tests;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting.Tests;

/// <summary>A person says what happened with an at-most-once step that is in doubt.</summary>
public sealed class ResolveTests
{
    public static TheoryData<bool> Stores => [false, true];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task It_took_effect_and_the_flow_goes_on_with_its_result(bool sqlite)
    {
        await using var world = new World(sqlite);
        var run = await DoubtfulAsync(world);
        var client = await world.ClientAsync();

        await client.ResolveAsync(run, "Charge", StepResolution.Returned(7), "the bank says so", Cancellation);
        Assert.Equal(FlowRunState.Failed, (await world.RunOfAsync(run)).State);
        await client.RetryAsync(run, cancellationToken: Cancellation);

        Assert.Equal("charged 7", await world.RunAsync(() => Work.Pay("may")));
        Assert.Equal(["charge", "tell"], Work.Script.Lines);
        var step = (await world.StepsAsync(run))[0];
        Assert.Equal((StepRunState.Completed, "ada says that it took effect: the bank says so"), (step.State, step.Reason));
        Assert.Contains(await world.LedgerAsync(run), entry => entry is { Sequence: 1, From: "Unknown", To: "Completed", Actor: "ada" });
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task It_did_nothing_and_runs(bool sqlite)
    {
        await using var world = new World(sqlite);
        var run = await DoubtfulAsync(world);
        var client = await world.ClientAsync();

        await client.ResolveAsync(run, 1, StepResolution.DidNothing, cancellationToken: Cancellation);
        await client.RetryAsync(run, cancellationToken: Cancellation);

        Assert.Equal("charged 3", await world.RunAsync(() => Work.Pay("may")));
        Assert.Equal(["charge", "charge", "tell"], Work.Script.Lines);
        Assert.Equal([(StepRunState.Unknown, true), (StepRunState.Completed, false)], (await world.StepsAsync(run)).Where(step => step.Step.Name.EndsWith("Charge", StringComparison.Ordinal)).Select(step => (step.State, step.Discarded)));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task It_failed_and_is_tried_again_when_somebody_asks_for_the_run(bool sqlite)
    {
        await using var world = new World(sqlite);
        var run = await DoubtfulAsync(world);
        var client = await world.ClientAsync();

        await client.ResolveAsync(run, 1, StepResolution.Failed("the card was refused"), cancellationToken: Cancellation);

        var plan = await client.PlanRetryAsync(run, Cancellation);
        Assert.Contains("the card was refused", plan.Steps[0].Why, StringComparison.Ordinal);
        var error = await world.FailAsync<StepFailedException>(() => Work.Pay("may"));
        Assert.Contains("the card was refused", error.Message, StringComparison.Ordinal);
        await client.RetryAsync(run, cancellationToken: Cancellation);
        Assert.Equal("charged 3", await world.RunAsync(() => Work.Pay("may")));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_process_that_is_known_to_be_gone_is_no_hindrance_and_one_that_may_live_is(bool sqlite)
    {
        await using var world = new World(sqlite);
        var run = await DoubtfulAsync(world);
        var store = await world.OpenAsync();
        var living = HostIdentity.Create(TimeProvider.System);
        await store.PutHostAsync(living, Cancellation);
        var batch = new WriteBatch();
        batch.FlowRuns.Add((await world.RunOfAsync(run)) with { State = FlowRunState.Running, HostId = living.Id, EndedAt = null });
        batch.StepRuns.Add((await world.StepsAsync(run))[0] with { State = StepRunState.Running, EndedAt = null });
        await store.WriteAsync(batch, Cancellation);
        var client = await world.ClientAsync();

        Assert.Equal("FLT1512", (await Assert.ThrowsAsync<FletcherUsageException>(() => client.ResolveAsync(run, 1, StepResolution.TookEffect, cancellationToken: Cancellation))).Id);
        await store.PutHostAsync(living with { EndedAt = living.StartedAt }, Cancellation);
        await client.ResolveAsync(run, 1, StepResolution.ReturnedJson(" 7 "), cancellationToken: Cancellation);

        Assert.Equal("charged 7", await world.RunAsync(() => Work.Pay("may")));
    }

    [Fact]
    public async Task What_is_not_in_doubt_is_not_resolved_and_nothing_is_twice()
    {
        await using var world = new World(false);
        var run = await DoubtfulAsync(world);
        var client = await world.ClientAsync();
        await client.ResolveAsync(run, 1, StepResolution.TookEffect, cancellationToken: Cancellation);

        var error = await Assert.ThrowsAsync<FletcherUsageException>(() => client.ResolveAsync(run, 1, StepResolution.DidNothing, cancellationToken: Cancellation));

        Assert.Equal("FLT1511", error.Id);
        Assert.Contains("Completed (ada says that it took effect)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Of_two_who_say_something_else_at_once_one_is_heard(bool sqlite)
    {
        await using var world = new World(sqlite);
        var run = await DoubtfulAsync(world);
        StepResolution[] said = [StepResolution.Returned(1), StepResolution.DidNothing, StepResolution.Failed("no"), StepResolution.Returned(2)];
        var clients = new List<FletcherClient>();
        foreach (var _ in said)
            clients.Add(await world.ClientAsync());

        var heard = await Task.WhenAll(said.Select((what, i) => Task.Run(
            () => clients[i].ResolveAsync(run, 1, what, cancellationToken: Cancellation).ContinueWith(done => done.Exception?.InnerException as FletcherUsageException, TaskScheduler.Default)))).WithinLimit("four people");

        Assert.Single(heard, error => error is null);
        Assert.All(heard.OfType<FletcherUsageException>(), error => Assert.True(error.Id is "FLT1511" or "FLT1505", error.Message));
        Assert.Single(await world.LedgerAsync(run), entry => entry.From == "Unknown");
    }

    private static async Task<RunId> DoubtfulAsync(World world)
    {
        Work.Script.Clear();
        Assert.Equal("charged 3", await world.RunAsync(() => Work.Pay("may")));
        var run = await world.OnlyRootAsync();
        var steps = await world.StepsAsync(run.Id);

        // As a process leaves it that dies inside the step, and one that finds it so.
        var batch = new WriteBatch();
        batch.StepRuns.Add(steps[0] with { State = StepRunState.Unknown, Result = null });
        batch.StepRuns.Add(steps[1] with { Discarded = true });
        batch.FlowRuns.Add(run with { State = FlowRunState.Failed, Result = null });
        await (await world.OpenAsync()).WriteAsync(batch, Cancellation);
        Work.Script.Clear();
        Work.Script.Say("charge");
        return run.Id;
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task<string> Pay(string month) => await Tell(await Charge(month));

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static async Task<int> Charge(string month)
        {
            await Task.Yield();
            Script.Say("charge");
            return month.Length;
        }

        [Step]
        internal static async Task<string> Tell(int amount)
        {
            await Task.Yield();
            Script.Say("tell");
            return $"charged {amount}";
        }
    }
}
