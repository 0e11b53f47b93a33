using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>What a call of a flow does when there was a run with the same parameters before.</summary>
public sealed class RerunTests
{
    [Fact]
    public async Task A_failed_run_is_followed_by_a_new_one()
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        Work.Fails = true;
        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Default(1)));
        Work.Fails = false;

        await host.Run(() => Work.Default(1));

        Assert.Equal([FlowRunState.Completed, FlowRunState.Failed], (await host.Runs()).Select(r => r.State));
        Assert.Equal(["first 1", "second 1", "first 1", "second 1"], Work.Script.Lines);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failed_run_is_continued_when_the_flow_says_so_by_the_same_host_or_another(bool sameHost)
    {
        var store = new SurvivingStore();
        await using var first = new TestHost(store);
        Work.Start();
        Work.Fails = true;
        await Assert.ThrowsAsync<IOException>(() => first.Run(() => Work.Resuming(1)));
        Work.Fails = false;

        await using var second = sameHost ? null : new TestHost(store.Reopen());
        var host = second ?? first;
        await host.Run(() => Work.Resuming(1));

        var run = await host.OnlyRun();
        Assert.Equal((FlowRunState.Completed, 2), (run.State, run.Attempt));
        Assert.Equal(["first 1", "second 1", "second 1"], Work.Script.Lines);
        Assert.Equal([(nameof(FlowRunState.Running), nameof(FlowRunState.Failed)), (nameof(FlowRunState.Failed), nameof(FlowRunState.Running))],
            (await host.Ledger()).Where(e => e.Sequence == 0).Select(e => (e.From!, e.To)));
    }

    [Fact]
    public async Task A_run_with_other_parameters_is_not_continued()
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        Work.Fails = true;
        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Resuming(1)));
        Work.Fails = false;

        await host.Run(() => Work.Resuming(2));

        Assert.Equal([FlowRunState.Completed, FlowRunState.Failed], (await host.Runs()).Select(r => r.State));
    }

    [Fact]
    public async Task A_run_that_is_under_way_is_not_taken_for_lost_by_a_second_call()
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        Work.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var runs = Enumerable.Range(0, 20).Select(_ => host.Run(() => Work.Resuming(1))).ToArray();
        Work.Hold.SetResult();
        await Task.WhenAll(runs);

        Assert.Equal(20, (await host.Runs()).Count);
        Assert.Equal(20, Work.Script.Count("second 1"));
        Assert.All(await host.Runs(), r => Assert.Equal(1, r.Attempt));
    }

    [Theory]
    [InlineData(OnRerun.ResumeCrashed)]
    [InlineData(OnRerun.Resume)]
    [InlineData(OnRerun.New)]
    public async Task A_crashed_run_is_continued_unless_the_flow_always_starts_a_new_one(OnRerun onRerun)
    {
        var store = new SurvivingStore();
        Work.Start();
        var (crashed, lost) = await CrashInside(store, () => Work.By(onRerun));

        await using var host = new TestHost(store.Reopen());
        await host.Run(() => Work.By(onRerun));

        if (onRerun == OnRerun.New)
        {
            Assert.Equal([FlowRunState.Running, FlowRunState.Completed], (await host.Runs()).Select(r => r.State));
            Assert.Equal(2, Work.Script.Count("first 1"));
        }
        else
        {
            Assert.Equal(2, (await host.OnlyRun()).Attempt);
            Assert.Equal(1, Work.Script.Count("first 1"));
            Assert.Equal(["Running>Crashed", "Crashed>Running"],
                (await host.Ledger()).Where(e => e.Sequence == 0).Select(e => $"{e.From}>{e.To}"));
        }

        await store.End(crashed, lost);
    }

    [Fact]
    public async Task A_retry_that_is_asked_for_continues_that_run_once_and_only_by_a_call_of_its_flow()
    {
        var store = new SurvivingStore();
        Work.Start();
        Work.Fails = true;
        await using var first = new TestHost(store);
        await Assert.ThrowsAsync<IOException>(() => first.Run(() => Work.Default(1)));
        var failed = await first.OnlyRun();
        Work.Fails = false;

        await using var host = new TestHost(store.Reopen(), null, o => o.Retry = failed.Id);
        await host.Run(() => Work.Other());
        await host.Run(() => Work.Default(2));
        await host.Run(() => Work.Default(2));

        var runs = await host.Runs();
        Assert.Equal(3, runs.Count);
        var retried = runs.Single(r => r.Id == failed.Id);
        Assert.Equal((FlowRunState.Completed, 2, "{\"n\":2}"),
            (retried.State, retried.Attempt, System.Text.Encoding.UTF8.GetString(retried.Parameters)));
        Assert.Contains(await store.GetLedgerAsync(failed.Id, TestContext.Current.CancellationToken),
            e => e.Reason == "a retry with other parameters was asked for" && e.Actor == "user");
    }

    [Fact]
    public async Task A_retry_of_a_run_that_is_not_in_the_store_is_refused()
    {
        var id = RunId.New(TimeProvider.System);
        await using var host = new TestHost(new SurvivingStore(), null, o => o.Retry = id);

        var error = await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Work.Other()));

        Assert.Equal("FLT1401", error.Id);
        Assert.Contains(id.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retry_of_a_run_that_completed_is_refused()
    {
        var store = new SurvivingStore();
        Work.Start();
        await using var first = new TestHost(store);
        await first.Run(() => Work.Other());
        var run = await first.OnlyRun();

        await using var host = new TestHost(store.Reopen(), null, o => o.Retry = run.Id);
        var error = await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Work.Other()));

        Assert.Equal("FLT1402", error.Id);
        Assert.Contains("completed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flow_that_is_done_once_answers_with_its_stored_result_and_runs_nothing()
    {
        var store = new SurvivingStore();
        Work.Start();
        await using (var first = new TestHost(store))
            Assert.Equal("done 7", await first.Run(() => Work.Monthly(7)));

        await using var host = new TestHost(store.Reopen());
        Assert.Equal("done 7", await host.Run(() => Work.Monthly(7)));

        Assert.Equal(["first 7", "second 7"], Work.Script.Lines);
        Assert.Equal(FlowRunState.Completed, Assert.Single(host.Seen.Runs).State);
    }

    [Fact]
    public async Task A_flow_that_is_done_once_runs_once_for_many_callers()
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        Work.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var runs = Enumerable.Range(0, 32).Select(_ => Task.Run(() => host.Run(() => Work.Monthly(3)))).ToArray();
        await Work.Inside.Task.WithinLimit();
        Work.Hold.SetResult();
        var results = await Task.WhenAll(runs);

        Assert.All(results, r => Assert.Equal("done 3", r));
        Assert.Equal(["first 3", "second 3"], Work.Script.Lines);
        Assert.Equal(1, (await host.OnlyRun()).Attempt);
    }

    [Fact]
    public async Task A_flow_that_is_done_once_and_failed_runs_again()
    {
        await using var host = TestHost.InMemory();
        Work.Start();
        Work.Fails = true;
        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Monthly(1)));
        Work.Fails = false;

        Assert.Equal("done 1", await host.Run(() => Work.Monthly(1)));
        Assert.Equal([FlowRunState.Completed, FlowRunState.Failed], (await host.Runs()).Select(r => r.State));
    }

    [Fact]
    public async Task A_flow_that_is_done_once_and_crashed_is_continued()
    {
        var store = new SurvivingStore();
        Work.Start();
        var (crashed, lost) = await CrashInside(store, () => Work.Monthly(1));

        await using var host = new TestHost(store.Reopen());
        Assert.Equal("done 1", await host.Run(() => Work.Monthly(1)));

        Assert.Equal(1, Work.Script.Count("first 1"));
        Assert.Equal(2, (await host.OnlyRun()).Attempt);
        await store.End(crashed, lost);
    }

    [Fact]
    public async Task A_flow_that_is_done_once_always_anew_does_not_wait_for_a_dead_run()
    {
        var store = new SurvivingStore();
        Work.Start();
        var (crashed, lost) = await CrashInside(store, () => Work.AlwaysNew(1));

        await using var host = new TestHost(store.Reopen());
        Assert.Equal("done 1", await host.Run(() => Work.AlwaysNew(1)));

        Assert.Equal([FlowRunState.Completed, FlowRunState.Crashed], (await host.Runs()).Select(r => r.State));
        Assert.Equal(2, Work.Script.Count("first 1"));
        await store.End(crashed, lost);
    }

    private static async Task<(TestHost Crashed, Task Lost)> CrashInside(SurvivingStore store, Func<Task> flow)
    {
        Work.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var crashed = new TestHost(store);
        var lost = crashed.Host.RunAsync(flow);
        await Work.Inside.Task.WithinLimit();
        await crashed.Host.FlushAsync();
        store.Kill();
        Work.Hold.SetResult();
        Work.Hold = null;
        return (crashed, lost);
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static bool Fails { get; set; }

        internal static TaskCompletionSource? Hold { get; set; }

        internal static TaskCompletionSource Inside { get; private set; } = new();

        internal static void Start()
        {
            Script.Clear();
            Fails = false;
            Hold = null;
            Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        internal static Task By(OnRerun onRerun) => onRerun switch
        {
            OnRerun.Resume => Resuming(1),
            OnRerun.New => New(1),
            _ => Default(1),
        };

        [Flow]
        internal static Task Default(int n) => Steps(n);

        [Flow(OnRerun = OnRerun.Resume)]
        internal static Task Resuming(int n) => Steps(n);

        [Flow(OnRerun = OnRerun.New)]
        internal static Task New(int n) => Steps(n);

        [Flow]
        internal static async Task Other() => await Second(0);

        [Flow(Once = "{n}")]
        internal static async Task<string> Monthly(int n)
        {
            await Steps(n);
            return $"done {n}";
        }

        [Flow(Once = "{n}", OnRerun = OnRerun.New)]
        internal static async Task<string> AlwaysNew(int n)
        {
            await Steps(n);
            return $"done {n}";
        }

        [Step]
        internal static async Task First(int n)
        {
            await Task.Yield();
            Script.Say($"first {n}");
        }

        [Step]
        internal static async Task Second(int n)
        {
            Inside.TrySetResult();
            if (Hold is { } hold)
                await hold.Task;
            Script.Say($"second {n}");
            if (Fails)
                throw new IOException();
        }

        private static async Task Steps(int n)
        {
            await First(n);
            await Second(n);
        }
    }
}
