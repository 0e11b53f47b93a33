using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>A flow does not end before the steps it started, and never well over a failure that no code has seen.</summary>
public sealed class StructureTests
{
    [Fact]
    public void This_runtime_tells_whether_a_failure_was_observed()
    {
        Assert.True(TaskObservation.IsSupported);
        var failed = Task.FromException(new IOException());
        Assert.False(TaskObservation.IsObserved(failed));
        _ = failed.Exception;
        Assert.True(TaskObservation.IsObserved(failed));
    }

    [Fact]
    public async Task A_flow_waits_for_the_steps_it_started()
    {
        await using var host = TestHost.InMemory();
        Work.Start();

        var run = host.Run(() => Work.StartsAndReturns());
        await Work.Inside.Task.WithinLimit();
        Assert.False(run.IsCompleted);
        Work.LetGo.SetResult();

        Assert.Equal(1, await run);
        Assert.Equal(StepRunState.Completed, (await host.Step("Slow")).State);
    }

    [Fact]
    public async Task A_step_that_nobody_awaited_and_that_fails_after_the_body_fails_the_flow()
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        Work.Fails = true;

        var run = host.Run(() => Work.StartsAndReturns());
        await Work.Inside.Task.WithinLimit();
        Work.LetGo.SetResult();

        await Assert.ThrowsAsync<IOException>(() => run);
        Assert.Equal(FlowRunState.Failed, (await host.OnlyRun()).State);
    }

    [Fact]
    public async Task A_step_that_nobody_awaited_and_that_fails_before_the_bodys_end_fails_the_flow()
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        Work.Fails = true;
        Work.LetGo.SetResult();

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.StartsAndLooks()));
        Assert.Equal(FlowRunState.Failed, (await host.OnlyRun()).State);
    }

    [Fact]
    public async Task A_failure_in_the_very_moment_of_the_bodys_end_is_never_missed()
    {
        await using var host = TestHost.InMemory();

        for (var i = 0; i < 500; i++)
            await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Races(i)));
    }

    [Theory]
    [InlineData("catch")]
    [InlineData("all")]
    [InlineData("try")]
    [InlineData("exception")]
    public async Task A_failure_that_was_handled_does_not_fail_the_flow(string how)
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        Work.Fails = true;
        Work.LetGo.SetResult();

        Assert.Equal("handled", await host.Run(() => Work.Handles(how)));
        Assert.Equal(FlowRunState.Completed, (await host.OnlyRun()).State);
    }

    [Fact]
    public async Task The_siblings_of_a_failed_step_are_not_stopped_but_awaited()
    {
        await using var host = TestHost.InMemory();
        Work.Start();

        var run = host.Run(() => Work.OneOfTwoFails());
        await Work.Inside.Task.WithinLimit();
        Assert.False(run.IsCompleted);
        Work.LetGo.SetResult();

        await Assert.ThrowsAsync<IOException>(() => run);
        Assert.Equal(StepRunState.Completed, (await host.Step("Slow")).State);
        Assert.Equal(StepRunState.Failed, (await host.Step("Fail")).State);
    }

    [Fact]
    public async Task Code_that_an_execution_of_the_body_left_behind_starts_nothing_in_the_next_one()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Start();

        var run = host.Run(() => Work.LeavesCodeToItsRetry());
        await clock.Pass(TimeSpan.FromMinutes(1));
        await Work.Inside.Task.WithinLimit();
        Work.LetGo.SetResult();
        Assert.Equal("FLT1207", (await Assert.ThrowsAsync<FletcherUsageException>(() => Work.LeftBehind.WithinLimit())).Id);
        Work.Released.SetResult();

        await run;
        Assert.Equal(["Release"], (await host.Steps()).Select(s => s.Step.Name.Split('.')[^1]));
    }

    [Fact]
    public async Task A_run_that_has_ended_leaves_nothing_with_its_host()
    {
        await using var host = TestHost.InMemory();
        Work.Start();

        await host.Run(() => Work.TellsItsToken());
        for (var i = 0; i < 50 && Work.Token!.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }

        Assert.False(Work.Token!.IsAlive);
    }

    internal static class Work
    {
        internal static TaskCompletionSource Inside { get; private set; } = new();

        internal static TaskCompletionSource LetGo { get; private set; } = new();

        internal static TaskCompletionSource Released { get; private set; } = new();

        internal static Task LeftBehind { get; private set; } = Task.CompletedTask;

        internal static bool Fails { get; set; }

        internal static WeakReference? Token { get; private set; }

        internal static void Start()
        {
            Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            LetGo = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Fails = false;
        }

        [Flow]
        internal static async Task<int> StartsAndReturns()
        {
            await Task.Yield();
            _ = Slow();
            return 1;
        }

        [Flow]
        internal static async Task StartsAndLooks()
        {
            var step = Slow();
            while (!step.IsCompleted)
                await Task.Yield();
        }

        [Flow]
        internal static async Task Races(int turn)
        {
            _ = FailSoon();
            for (var i = 0; i < turn % 7; i++)
                await Task.Yield();
        }

        [Flow]
        internal static async Task<string> Handles(string how)
        {
            var first = Slow();
            switch (how)
            {
                case "catch":
                    try
                    {
                        await first;
                    }
                    catch (IOException)
                    {
                        return "handled";
                    }

                    break;
                case "all":
                    try
                    {
                        await Task.WhenAll(first, Slow());
                    }
                    catch (IOException)
                    {
                        return "handled";
                    }

                    break;
                case "try":
                    return (await Flow.Try(() => first)).Kind == OutcomeKind.Failed ? "handled" : "";
                default:
                    await Task.WhenAny(first);
                    return first.Exception is null ? "" : "handled";
            }

            return "";
        }

        [Flow]
        internal static async Task OneOfTwoFails()
        {
            var slow = Slow();
            await Fail();
            await slow;
        }

        [Flow(Retries = 1, Backoff = "1m")]
        internal static async Task LeavesCodeToItsRetry()
        {
            if (Flow.Current.FlowAttempt == 1)
            {
                LeftBehind = Task.Run(async () =>
                {
                    await LetGo.Task;
                    await Slow();
                });
                throw new IOException();
            }

            await Release();
        }

        [Flow]
        internal static async Task TellsItsToken()
        {
            await Task.Yield();
            NoteToken(Flow.Current.CancellationToken);
        }

        [Step]
        internal static async Task Slow()
        {
            Inside.TrySetResult();
            await LetGo.Task;
            if (Fails)
                throw new IOException();
        }

        [Step]
        internal static Task Fail() => throw new IOException();

        [Step]
        internal static async Task FailSoon()
        {
            await Task.Yield();
            throw new IOException();
        }

        [Step]
        internal static async Task Release()
        {
            Inside.TrySetResult();
            await Released.Task;
        }

        // A token is a struct around its source.
        private static void NoteToken(CancellationToken token) =>
            Token = new WeakReference(System.Runtime.CompilerServices.Unsafe.As<CancellationToken, object>(ref token));
    }
}
