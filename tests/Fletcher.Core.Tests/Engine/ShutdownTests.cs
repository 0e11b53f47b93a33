using Fletcher.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fletcher.Engine.Tests;

/// <summary>A host stops while code runs that does not stop: its run is handed over nevertheless.</summary>
public sealed class ShutdownTests
{
    private static readonly AsyncLocal<Gate> Now = new();

    [Fact]
    public async Task An_application_hands_its_runs_over_when_its_own_time_to_stop_is_up()
    {
        var store = new SurvivingStore();
        var services = new ServiceCollection().AddFletcher(o => o.Store = () => store).BuildServiceProvider();
        var host = services.GetRequiredService<Hosting.FletcherHost>();
        var service = Assert.Single(services.GetServices<IHostedService>());
        await service.StartAsync(TestContext.Current.CancellationToken);
        var gate = Now.Value = new Gate();
        var run = host.RunAsync(() => Work.Ignores());
        await gate.Begun.Task.WithinLimit();
        using var upTime = new CancellationTokenSource();

        var stop = service.StopAsync(upTime.Token);
        Assert.False(stop.IsCompleted);
        await upTime.CancelAsync();
        await stop.WithinLimit();

        await Assert.ThrowsAsync<RunHandedOverException>(() => run.WithinLimit());
        var left = Assert.Single(await store.GetFlowRunsAsync(new(), TestContext.Current.CancellationToken));
        Assert.Equal((FlowRunState.Queued, null, "its application stops"), (left.State, left.HostId, left.Reason));
        gate.Open.Set();
        await services.DisposeAsync();
    }

    [Fact]
    public async Task A_run_whose_body_keeps_its_thread_is_handed_over()
    {
        var store = new SurvivingStore();
        await using var host = new TestHost(store, null, o => o.ShutdownGrace = TimeSpan.Zero);
        var gate = Now.Value = new Gate();
        var run = Task.Run(() => host.Host.Run(() => Work.Blocks()), TestContext.Current.CancellationToken);
        await gate.Begun.Task.WithinLimit();

        await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit();

        var left = await host.OnlyRun();
        Assert.Equal((FlowRunState.Queued, null), (left.State, left.HostId));

        // The body comes back, and nothing of what it does counts any more.
        gate.Open.Set();
        await Assert.ThrowsAsync<RunHandedOverException>(() => run.WithinLimit());
        await host.Host.FlushAsync();
        Assert.Equivalent(left, await host.OnlyRun());
    }

    [Fact]
    public async Task A_sub_flow_that_fails_while_the_host_stops_has_its_end_when_its_caller_handles_that_and_completes()
    {
        await using var host = new TestHost(new SurvivingStore());
        var gate = Now.Value = new Gate();
        var run = host.Run(() => Work.Handles());
        await gate.Begun.Task.WithinLimit();

        var stop = host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken);
        await gate.Told.Task.WithinLimit();
        gate.Open.Set();
        await stop.WithinLimit();

        Assert.Equal("late", await run.WithinLimit());
        var runs = (await host.Runs()).ToDictionary(each => each.Flow[(each.Flow.LastIndexOf('.') + 1)..]);
        Assert.Equal((FlowRunState.Completed, FlowRunState.Failed), (runs["Handles"].State, runs["FailsLate"].State));
        Assert.All(await host.Steps(runs["Handles"].Id), step => Assert.True(step.State.IsEnd(), $"{step.Step} is {step.State}"));
    }

    [Fact]
    public async Task A_sub_flow_that_ends_while_the_run_is_handed_over_keeps_its_end()
    {
        var held = new Gate();
        var store = new SurvivingStore
        {
            HoldWrite = async batch =>
            {
                if (!batch.FlowRuns.Exists(run => run.ParentRunId is not null && run.State == FlowRunState.Completed))
                    return;
                held.Begun.TrySetResult();
                await held.Told.Task;
            },
        };
        await using var host = new TestHost(store, null, o => o.ShutdownGrace = TimeSpan.Zero);
        var run = host.Run(() => Work.Calls());
        await held.Begun.Task.WithinLimit();
        var root = Assert.Single(host.Host.Executions, execution => execution.Root == execution);

        var stop = host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(SpinWait.SpinUntil(() => root.Record.State == FlowRunState.Queued, TimeSpan.FromSeconds(30)), "The run is not being left.");
        held.Told.SetResult();
        await stop.WithinLimit();

        await Assert.ThrowsAsync<RunHandedOverException>(() => run);
        await host.Host.FlushAsync();
        Assert.Equal([FlowRunState.Queued, FlowRunState.Completed], (await host.Runs()).Select(each => each.State));
    }

    [Fact]
    public async Task A_transaction_that_fails_while_the_host_stops_is_undone_by_the_next_before_its_failure_is_handled()
    {
        var store = new SurvivingStore();
        var gate = Now.Value = new Gate();
        await using (var host = new TestHost(store))
        {
            var run = host.Run(() => Work.Books());
            await gate.Begun.Task.WithinLimit();
            var stop = host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken);
            await gate.Told.Task.WithinLimit();
            gate.Open.Set();
            await stop.WithinLimit();
            await Assert.ThrowsAsync<RunHandedOverException>(() => run);
        }

        Assert.Equal(["reserve"], gate.Lines);

        await using var next = new TestHost(store.Reopen());
        Assert.Contains("late", await next.Run(() => Work.Books()), StringComparison.Ordinal);

        Assert.Equal(["reserve", "release"], gate.Lines);
    }

    [Fact]
    public async Task No_flow_begins_on_a_host_that_stops()
    {
        await using var host = new TestHost(new SurvivingStore());
        await host.Host.StartAsync(TestContext.Current.CancellationToken);
        await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit();

        var error = await Assert.ThrowsAsync<RunHandedOverException>(() => host.Run(() => Work.Ignores()));

        Assert.Contains("The host stops", error.Message, StringComparison.Ordinal);
        Assert.Empty(await host.Runs());
    }

    internal sealed class Gate
    {
        internal TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal TaskCompletionSource Told { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal ManualResetEventSlim Open { get; } = new();

        internal System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();
    }

    internal static class Work
    {
        [Flow]
        internal static async Task Ignores() => await Ignore();

        [Flow]
        internal static int Blocks()
        {
            Now.Value!.Begun.SetResult();
            Now.Value.Open.Wait(TimeSpan.FromSeconds(30));
            return 1;
        }

        [Flow]
        internal static async Task<string> Handles() => await Try();

        [Step]
        private static async Task<string> Try()
        {
            using var told = Flow.Current.CancellationToken.Register(Now.Value!.Told.SetResult);
            return (await Flow.Try(() => FailsLate())).Error!.Message;
        }

        [Flow]
        private static async Task<int> FailsLate()
        {
            var gate = Now.Value!;
            gate.Begun.SetResult();
            await Task.Run(() => gate.Open.Wait(TimeSpan.FromSeconds(30)));
            throw new InvalidOperationException("late");
        }

        [Flow]
        internal static async Task<int> Calls() => await Called();

        [Flow]
        private static async Task<int> Called() => await One();

        [Step]
        private static Task<int> One() => Task.FromResult(1);

        [Flow]
        internal static async Task<string> Books() => await Book();

        [Step]
        private static async Task<string> Book()
        {
            var gate = Now.Value!;
            using var told = Flow.Current.CancellationToken.Register(() => gate.Told.TrySetResult());
            var outcome = await Flow.Try(() => Flow.Transaction(async () =>
            {
                await Reserve();
                gate.Begun.TrySetResult();
                await Task.Run(() => gate.Open.Wait(TimeSpan.FromSeconds(30)));
                throw new InvalidOperationException("late");
            }));
            return outcome.Error!.Message;
        }

        [Step(Undo = nameof(Release))]
        private static Task<int> Reserve()
        {
            Now.Value!.Lines.Enqueue("reserve");
            return Task.FromResult(1);
        }

        [Step]
        private static Task Release()
        {
            Now.Value!.Lines.Enqueue("release");
            return Task.CompletedTask;
        }

        [Step]
        private static async Task Ignore()
        {
            var gate = Now.Value!;
            gate.Begun.SetResult();
            await Task.Run(() => gate.Open.Wait(TimeSpan.FromSeconds(30)));
        }
    }
}
