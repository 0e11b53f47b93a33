using Fletcher.Engine.Tests;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting.Tests;

/// <summary>A run is ended in the store, whoever has it.</summary>
public sealed class AbandonTests
{
    public static TheoryData<bool> Stores => [false, true];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_parked_run_that_no_host_has_ends_without_being_executed(bool sqlite)
    {
        await using var world = new World(sqlite);
        var work = new Work();
        RunId run;
        await using (var host = world.Start(o => o.ParkAfter = TimeSpan.Zero))
        {
            var parking = host.Host.RunAsync(() => work.Outer());
            var question = await world.QuestionAsync().WithinLimit("the question");
            run = (await world.RunOfAsync(question.RunId)).RootRunId;
            await world.UntilAsync(run, found => found.HostId is null).WithinLimit("the run is parked");
            await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<RunHandedOverException>(() => parking);
        }

        await (await world.ClientAsync()).AbandonAsync(run, "nobody wants it", Cancellation);

        var ended = await world.RunOfAsync(run);
        Assert.Equal((FlowRunState.Cancelled, "abandoned by ada: nobody wants it", null), (ended.State, ended.Reason, ended.WakeAt));
        var step = Assert.Single(await world.StepsAsync(run));
        Assert.Equal((StepRunState.Cancelled, ended.Reason), (step.State, step.Reason));
        var inner = await world.RunOfAsync(step.ChildRunId!.Value);
        Assert.Equal((FlowRunState.Cancelled, ended.Reason), (inner.State, inner.Reason));
        Assert.All(await world.StepsAsync(inner.Id), wait => Assert.Equal(StepRunState.Cancelled, wait.State));
        Assert.Empty(await (await world.ClientAsync()).GetQuestionsAsync(cancellationToken: Cancellation));
        Assert.Contains(await world.LedgerAsync(run), entry => entry is { To: "Cancelled", Actor: "ada" });
        Assert.Equal(1, work.Begun);
        Assert.Equal(0, work.CleanedUp);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_host_that_has_the_run_loses_it_and_stops_its_code(bool sqlite)
    {
        await using var world = new World(sqlite);
        var work = new Work();
        await using var host = world.Start();
        var running = host.Host.RunAsync(() => work.Working());
        await work.HasBegun.Task.WithinLimit("the step begins");
        var run = (await world.OnlyRootAsync()).Id;

        await (await world.ClientAsync()).AbandonAsync(run, cancellationToken: Cancellation);

        await work.Stopped.Task.WithinLimit("the step's token");
        await Assert.ThrowsAnyAsync<Exception>(() => running).WithinLimit("the call");
        await host.Host.DisposeAsync();
        Assert.Equal((FlowRunState.Cancelled, "abandoned by ada"), ((await world.RunOfAsync(run)).State, (await world.RunOfAsync(run)).Reason));
        var step = Assert.Single(await world.StepsAsync(run));
        Assert.Equal(StepRunState.Unknown, step.State);
        Assert.Empty(await (await world.OpenAsync()).GetUntakenAsync(run, Cancellation));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_crashed_run_that_would_be_resumed_is_not(bool sqlite)
    {
        await using var world = new World(sqlite);
        var work = new Work();
        await world.RunAsync(() => work.Quick());
        var run = await world.OnlyRootAsync();
        var batch = new WriteBatch();
        batch.FlowRuns.Add(run with { State = FlowRunState.Crashed, WakeAt = run.EndedAt });
        await (await world.OpenAsync()).WriteAsync(batch, Cancellation);

        await (await world.ClientAsync()).AbandonAsync(run.Id, cancellationToken: Cancellation);

        Assert.Equal((FlowRunState.Cancelled, null), ((await world.RunOfAsync(run.Id)).State, (await world.RunOfAsync(run.Id)).WakeAt));
        Assert.Empty(await (await world.OpenAsync()).ClaimDueAsync(
            new ClaimRequest { HostId = Guid.NewGuid(), Flows = [run.Flow], Now = DateTimeOffset.MaxValue, Limit = 10 }, Cancellation));
    }

    [Fact]
    public async Task A_run_that_has_ended_and_a_sub_flow_are_not_abandoned()
    {
        await using var world = new World(false);
        var work = new Work();
        await world.RunAsync(() => work.Around());
        var root = await world.OnlyRootAsync();
        var client = await world.ClientAsync();
        var sub = Assert.Single(await world.StepsAsync(root.Id)).ChildRunId!.Value;

        Assert.Equal("FLT1503", (await Assert.ThrowsAsync<FletcherUsageException>(() => client.AbandonAsync(root.Id, cancellationToken: Cancellation))).Id);
        Assert.Equal("FLT1504", (await Assert.ThrowsAsync<FletcherUsageException>(() => client.AbandonAsync(sub, cancellationToken: Cancellation))).Id);
        Assert.Equal("FLT1401", (await Assert.ThrowsAsync<FletcherUsageException>(() => client.AbandonAsync(RunId.New(TimeProvider.System), cancellationToken: Cancellation))).Id);
    }

    internal sealed class Work
    {
        private int _begun;
        private int _cleanedUp;

        internal int Begun => Volatile.Read(ref _begun);

        internal int CleanedUp => Volatile.Read(ref _cleanedUp);

        internal TaskCompletionSource HasBegun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal TaskCompletionSource Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        [Flow]
        internal async Task<bool> Outer() => await Asking();

        [Flow]
        internal async Task<bool> Asking()
        {
            Interlocked.Increment(ref _begun);
            try
            {
                return await Flow.Ask<bool>("Now?");
            }
            finally
            {
                Interlocked.Increment(ref _cleanedUp);
            }
        }

        [Flow]
        internal async Task<int> Working() => await Once();

        [Flow]
        internal async Task<int> Around() => await Quick();

        [Flow]
        internal async Task<int> Quick()
        {
            Interlocked.Increment(ref _begun);
            await Task.Yield();
            return 1;
        }

        [Step(Delivery = Delivery.AtMostOnce)]
        private async Task<int> Once(CancellationToken cancellationToken = default)
        {
            await using var registration = cancellationToken.Register(() => Stopped.TrySetResult());
            HasBegun.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 1;
        }
    }
}
