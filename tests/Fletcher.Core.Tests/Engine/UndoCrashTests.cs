using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>A process that goes away at any write of a run that undoes, and another one that goes on.</summary>
public sealed class UndoCrashTests
{
    [Theory]
    [InlineData("saga")]
    [InlineData("at most once")]
    [InlineData("sub-flows")]
    [InlineData("cancelled")]
    [InlineData("transaction")]
    [InlineData("caught transaction")]
    public async Task Wherever_the_process_goes_away_all_is_undone_in_order_and_nothing_is_left(string flow)
    {
        var writes = await WritesOf(flow);
        for (var at = 0; at < writes + 2; at++)
        {
            var store = new SurvivingStore();
            await CrashAt(store, at, flow);
            var before = Work.Script.Lines.Count;

            await using var host = new TestHost(store.Reopen());
            var error = await Record.ExceptionAsync(() => host.Run(() => Work.By(flow)));

            var where = $"{flow}, crash at write {at}: {error?.GetType().Name}, {string.Join(", ", Work.Script.Lines.Take(before))} | {string.Join(", ", Work.Script.Lines.Skip(before))}";
            await CheckAsync(host, flow, error, where);
        }
    }

    [Fact]
    public async Task Who_goes_on_with_the_undoing_does_not_execute_the_body()
    {
        var store = new SurvivingStore();
        Work.Start("saga");
        var host = new TestHost(store);
        Work.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lost = host.Host.RunAsync(() => Work.Saga());
        await Work.Inside.Task.WithinLimit();
        store.Kill();
        Work.Hold.SetResult();
        Work.Hold = null;
        await store.End(host, lost);
        Work.Start("saga");

        await using var next = new TestHost(store.Reopen());
        var error = await Assert.ThrowsAsync<EarlierFailureException>(() => next.Run(() => Work.Saga()));

        Assert.Equal("System.IO.IOException", error.Type);
        Assert.Contains("no room", error.Message, StringComparison.Ordinal);
        Assert.Equal(["undo 3", "undo 2", "undo 1"], Work.Script.Lines);
        var run = await next.OnlyRun();
        Assert.Equal((FlowRunState.Failed, "System.IO.IOException", "3 steps were undone"), (run.State, run.Error!.Type, run.Reason));
    }

    [Fact]
    public async Task A_host_that_stops_hands_the_run_over_in_the_middle_of_undoing()
    {
        var store = new SurvivingStore();
        Work.Start("saga");
        Work.Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.WaitsForToken = true;
        await using (var host = new TestHost(store))
        {
            var run = host.Host.RunAsync(() => Work.Saga());
            await Work.Inside.Task.WithinLimit();
            await host.Host.StopAsync(cancellationToken: TestContext.Current.CancellationToken).WithinLimit();
            await Assert.ThrowsAsync<RunHandedOverException>(() => run).WithinLimit();
            Assert.Equal((FlowRunState.Queued, true), await host.OnlyRun() is var left ? (left.State, left.IsUndoing) : default);
        }

        Work.WaitsForToken = false;
        Work.Script.Clear();
        await using var next = new TestHost(store.Reopen());
        await Assert.ThrowsAsync<EarlierFailureException>(() => next.Run(() => Work.Saga()));

        Assert.Equal(["undo 3", "undo 2", "undo 1"], Work.Script.Lines);
        Assert.Equal(FlowRunState.Failed, (await next.OnlyRun()).State);
    }

    [Fact]
    public async Task An_undo_that_waits_for_its_retry_lets_the_run_be_parked_and_goes_on_when_it_is_due()
    {
        var clock = new TestClock();
        var store = new SurvivingStore(clock);
        Work.Start("saga");
        Work.FailingUndos = 1;
        var watcher = new Watcher();
        await using var host = new TestHost(store, clock, o =>
        {
            o.ParkAfter = TimeSpan.FromMinutes(1);
            o.Observers.Add(watcher);
        });

        var run = host.Run(() => Work.Slow());
        await clock.Armed(TimeSpan.FromHours(1)).WithinLimit();
        clock.Advance(TimeSpan.FromMinutes(2));
        await watcher.Run(changed => changed is { State: FlowRunState.Waiting, IsUndoing: true, HostId: null });
        clock.Advance(TimeSpan.FromHours(1));
        await Assert.ThrowsAsync<EarlierFailureException>(() => run).WithinLimit();

        Assert.Equal(["do 1", "fail", "undo 1"], Work.Script.Lines);
        Assert.Equal((FlowRunState.Failed, "1 step was undone"), await host.OnlyRun() is var end ? (end.State, end.Reason) : default);
    }

    private static async Task CheckAsync(TestHost host, string flow, Exception? error, string where)
    {
        var runs = await host.Runs();
        var isDoubtful = error is UndoFailedException { UndoError: StepUnknownException };
        foreach (var run in runs)
        {
            var steps = await host.Steps(run.Id);
            Assert.True(run.State.IsEnd() && run.State != FlowRunState.Crashed, $"{where}: {run.State}");
            Assert.True(run.IsUndoing == (isDoubtful && run.ParentRunId is null), where);
            Assert.True(isDoubtful || steps.TrueForAll(s => s.Undoes == 0 || s.State is StepRunState.Completed or StepRunState.NotRun), where);
            Assert.True(steps.TrueForAll(s => s.State.IsEnd() || isDoubtful), where);
        }

        var lines = Work.Script.Lines;
        Assert.True(isDoubtful || flow == "caught transaction" || error is not null, where);
        Assert.True(isDoubtful == (error is UndoFailedException), where);

        // Each effect is taken back after it happened for the last time, and before what was done before it is.
        foreach (var n in Enumerable.Range(1, 3))
        {
            var did = Last(lines, $"do {n}");
            if (did < 0 || isDoubtful)
                continue;
            Assert.True(Last(lines, $"undo {n}") > did, where);
            Assert.True(n == 3 || Last(lines, $"undo {n + 1}") < First(lines, $"undo {n}"), where);
        }

        if (flow == "at most once")
            Assert.All(Enumerable.Range(1, 3), n => Assert.True(lines.Count(line => line == $"undo {n}") <= Math.Max(1, lines.Count(line => line == "fail") - 1), where));
    }

    private static int Last(IReadOnlyList<string> lines, string line) => lines.ToList().LastIndexOf(line);

    private static int First(IReadOnlyList<string> lines, string line) => lines.ToList().IndexOf(line);

    private static async Task<int> WritesOf(string flow)
    {
        var store = new SurvivingStore();
        Work.Start(flow);
        await using var host = new TestHost(store);
        var error = await Record.ExceptionAsync(() => host.Run(() => Work.By(flow)));
        await CheckAsync(host, flow, error, $"{flow}, undisturbed: {error?.GetType().Name}, {string.Join(", ", Work.Script.Lines)}");
        Assert.Contains("undo 1", Work.Script.Lines);
        return store.WriteCount;
    }

    private static async Task CrashAt(SurvivingStore store, int write, string flow)
    {
        Work.Start(flow);
        var writes = -1;
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.BeforeWrite = (s, _) =>
        {
            if (Interlocked.Increment(ref writes) != write)
                return;
            s.Kill();
            killed.SetResult();
        };
        var host = new TestHost(store);
        var run = host.Host.RunAsync(() => Work.By(flow));
        await Task.WhenAny(run, killed.Task).WithinLimit();
        if (!killed.Task.IsCompleted)
            store.Kill();
        await store.End(host, run);
        if (run.IsCompleted && !killed.Task.IsCompleted)
            Work.Script.Clear(); // it was over: the next call is a new run
    }

    internal static class Work
    {
        private static CancellationTokenSource _caller = new();
        private static int _failedUndos;

        internal static Script Script { get; } = new();

        internal static TaskCompletionSource? Inside { get; set; }

        internal static TaskCompletionSource? Hold { get; set; }

        internal static bool WaitsForToken { get; set; }

        internal static int FailingUndos { get; set; }

        internal static void Start(string flow)
        {
            _ = flow;
            Script.Clear();
            (Inside, Hold, WaitsForToken, FailingUndos, _failedUndos) = (null, null, false, 0, 0);
        }

        internal static Task By(string flow)
        {
            _caller = new CancellationTokenSource();
            return flow switch
            {
                "saga" => Saga(),
                "at most once" => Once(),
                "sub-flows" => Parent(),
                "cancelled" => Cancelled(_caller.Token),
                "transaction" => Transaction(),
                _ => Caught(),
            };
        }

        [Flow]
        internal static async Task Saga()
        {
            await Do(1);
            await Do(2);
            await Do(3);
            await Fail();
        }

        [Flow]
        internal static async Task Once()
        {
            await DoOnce(1);
            await DoOnce(2);
            await DoOnce(3);
            await Fail();
        }

        [Flow]
        internal static async Task Parent()
        {
            await Do(1);
            await Child();
            await Do(3);
            await Fail();
        }

        [Flow]
        internal static async Task Child() => await Grandchild();

        [Flow]
        internal static async Task Grandchild() => await Do(2);

        [Flow]
        internal static async Task Cancelled(CancellationToken cancellationToken)
        {
            await Do(1);
            await Do(2);
            await Do(3);
            await _caller.CancelAsync();
            await Fail(cancellationToken);
        }

        [Flow]
        internal static async Task Transaction() => await All();

        private static Task All() => Flow.Transaction(async () =>
        {
            await Do(1);
            await Flow.Transaction(() => Do(2));
            await Do(3);
            await Fail();
        });

        [Flow]
        internal static async Task Caught()
        {
            try
            {
                await All();
            }
            catch (TransactionFailedException)
            {
                await After();
            }
        }

        [Flow]
        internal static async Task Slow()
        {
            await DoSlowly(1);
            await Fail();
        }

        [Step(Undo = nameof(Undo))]
        internal static async Task Do(int n)
        {
            await Task.Yield();
            Script.Say($"do {n}");
        }

        [Step(Undo = nameof(UndoOnce))]
        internal static async Task DoOnce(int n)
        {
            await Task.Yield();
            Script.Say($"do {n}");
        }

        [Step(Undo = nameof(UndoSlowly))]
        internal static async Task DoSlowly(int n)
        {
            await Task.Yield();
            Script.Say($"do {n}");
        }

        [Step(Retries = 1, Backoff = "1h")]
        internal static void UndoSlowly(int n)
        {
            if (_failedUndos++ < FailingUndos)
                throw new TimeoutException("later");
            Script.Say($"undo {n}");
        }

        [Step]
        internal static async Task Undo(int n, CancellationToken cancellationToken = default)
        {
            Inside?.TrySetResult();
            if (WaitsForToken)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            if (Hold is { } hold)
            {
                await hold.Task;
                return;
            }

            Script.Say($"undo {n}");
        }

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static void UndoOnce(int n) => Script.Say($"undo {n}");

        [Step]
        internal static Task Fail(CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Script.Say("fail");
            return Task.FromException(new IOException("no room"));
        }

        [Step]
        internal static Task After() => Task.CompletedTask;
    }
}
