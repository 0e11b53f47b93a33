using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>A process that goes away at any of its writes, and another one that goes on.</summary>
public sealed class CrashTests
{
    [Theory]
    [InlineData("sequence")]
    [InlineData("fan-out")]
    [InlineData("sub-flows")]
    [InlineData("read-only")]
    public async Task Wherever_the_process_goes_away_the_next_one_ends_with_the_same_result_and_repeats_nothing_committed(string flow)
    {
        var writes = await WritesOf(flow);
        for (var at = 0; at < writes + 2; at++)
        {
            var store = new SurvivingStore();
            var committed = await CrashAt(store, at, flow);
            Work.Script.Clear();

            await using var host = new TestHost(store.Reopen());
            Assert.Equal(Work.Expected(flow), await host.Run(() => Work.By(flow)));

            Assert.All(committed, step => Assert.Equal(0, Work.Script.Count(step)));
            var runs = (await host.Runs()).Where(r => r.ParentRunId is null).ToList();
            Assert.All(runs, r => Assert.Equal(FlowRunState.Completed, r.State));
            foreach (var run in await host.Runs())
            {
                Assert.Equal(FlowRunState.Completed, run.State);
                Assert.All(await host.Steps(run.Id), s => Assert.Equal((StepRunState.Completed, false), (s.State, s.Superseded)));
            }
        }
    }

    [Fact]
    public async Task A_step_that_runs_at_most_once_and_crashed_inside_is_in_doubt_and_never_run_again()
    {
        var store = new SurvivingStore();
        Work.Script.Clear();
        Work.Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var crashed = new TestHost(store);
        var lost = crashed.Host.RunAsync(() => Work.Charges());
        await Work.Inside.Task.WithinLimit();
        store.Kill();
        Work.Hold.SetResult();
        Work.Hold = null;
        await store.End(crashed, lost);
        Assert.Equal(1, Work.Script.Count("charge"));

        for (var again = 0; again < 3; again++)
        {
            await using var host = new TestHost(store.Reopen());
            await Assert.ThrowsAsync<StepUnknownException>(() => host.Run(() => Work.Charges()));
            Assert.Equal(StepRunState.Unknown, (await host.Step("Charge")).State);
        }

        Assert.Equal(1, Work.Script.Count("charge"));
    }

    [Fact]
    public async Task A_step_that_runs_at_most_once_is_committed_as_running_before_its_body_runs()
    {
        var store = new SurvivingStore();
        await using var host = new TestHost(store);
        Work.Script.Clear();
        Work.Seen = async () => (await host.Step("Charge")).State.ToString();

        await host.Run(() => Work.Charges());

        Assert.Equal(["charge", "Running"], Work.Script.Lines);
        Work.Seen = null;
    }

    [Fact]
    public async Task A_step_that_runs_at_most_once_and_failed_is_tried_again_only_when_somebody_asks()
    {
        var store = new SurvivingStore();
        Work.Script.Clear();
        Work.Fails = true;
        RunId id;
        await using (var first = new TestHost(store))
        {
            await Assert.ThrowsAsync<IOException>(() => first.Run(() => Work.Charges()));
            id = (await first.OnlyRun()).Id;
        }

        Work.Fails = false;
        await using (var second = new TestHost(store.Reopen()))
        {
            var error = await Assert.ThrowsAsync<StepFailedException>(() => second.Run(() => Work.Charges()));
            Assert.Contains("IOException", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, Work.Script.Count("charge"));
        await using var asked = new TestHost(store.Reopen(), null, o => o.Retry = id);
        await asked.Run(() => Work.Charges());
        Assert.Equal(2, Work.Script.Count("charge"));
    }

    [Fact]
    public async Task A_store_that_fails_in_the_middle_leaves_a_run_that_the_next_host_continues()
    {
        var store = new SurvivingStore();
        Work.Script.Clear();
        var host = new TestHost(store);
        store.BeforeWrite = (s, _) =>
        {
            if (s.WriteCount >= 2)
                throw new StoreUnavailableException("FLT1101", "the disk is full");
        };
        await Assert.ThrowsAsync<StoreUnavailableException>(() => host.Run(() => Work.By("sequence")));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => host.DisposeAsync().AsTask());
        store.Kill();

        await using var next = new TestHost(store.Reopen());
        Assert.Equal(Work.Expected("sequence"), await next.Run(() => Work.By("sequence")));
        Assert.Equal(2, (await next.OnlyRun()).Attempt);
    }

    [Fact]
    public async Task A_store_that_comes_back_lets_the_same_host_continue_the_run()
    {
        var store = new SurvivingStore();
        Work.Script.Clear();
        await using var host = new TestHost(store);
        store.BeforeWrite = (s, _) =>
        {
            if (s.WriteCount >= 2)
                throw new StoreUnavailableException("FLT1101", "the disk is full");
        };
        await Assert.ThrowsAsync<StoreUnavailableException>(() => host.Run(() => Work.By("sequence")));
        store.BeforeWrite = null;
        await host.Host.FlushAsync();
        Assert.Equal((FlowRunState.Crashed, "the store was not available"), await host.OnlyRun() is var r ? (r.State, r.Reason) : default);

        Assert.Equal(Work.Expected("sequence"), await host.Run(() => Work.By("sequence")));
        Assert.Equal((FlowRunState.Completed, 2), await host.OnlyRun() is var done ? (done.State, done.Attempt) : default);
        Assert.Equal(1, Work.Script.Count("effect 0"));
    }

    private static async Task<int> WritesOf(string flow)
    {
        var store = new SurvivingStore();
        await using var host = new TestHost(store);
        Assert.Equal(Work.Expected(flow), await host.Run(() => Work.By(flow)));
        return store.WriteCount;
    }

    /// <summary>Runs the flow until its process is killed; says which steps are committed as done.</summary>
    private static async Task<List<string>> CrashAt(SurvivingStore store, int write, string flow)
    {
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

        var committed = new List<string>();
        var after = store.Reopen();
        foreach (var flowRun in await after.GetFlowRunsAsync(new(), TestContext.Current.CancellationToken))
        {
            if (run.IsCompletedSuccessfully)
                return []; // done before it was killed: the next call is a new run
            await foreach (var step in after.GetStepRunsAsync(flowRun.Id, TestContext.Current.CancellationToken))
            {
                if (step.State == StepRunState.Completed && step.Inputs is { } inputs)
                    committed.Add($"{step.Step.Name.Split('.')[^1].ToLowerInvariant()} {System.Text.Json.JsonDocument.Parse(inputs).RootElement.GetProperty("n").GetRawText()}");
            }
        }

        return committed;
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static TaskCompletionSource Inside { get; set; } = new();

        internal static TaskCompletionSource? Hold { get; set; }

        internal static bool Fails { get; set; }

        internal static Func<Task<string>>? Seen { get; set; }

        internal static Task<int> By(string flow) => flow switch
        {
            "sequence" => Sequence(),
            "fan-out" => Fan(),
            "sub-flows" => Parent(),
            _ => Reads(),
        };

        internal static int Expected(string flow) => flow switch
        {
            "sequence" => 0 + 1 + 2 + 3 + 4,
            "fan-out" => Enumerable.Range(0, 12).Sum(i => i + 1),
            "sub-flows" => 1 + 2 + 3 + 4 + 5 + 6,
            _ => 1 + 2 + 3,
        };

        [Flow]
        internal static async Task<int> Sequence()
        {
            var sum = 0;
            for (var i = 0; i < 5; i++)
                sum += await Effect(i);
            return sum;
        }

        [Flow]
        internal static async Task<int> Fan()
        {
            var results = await Flow.Map(Enumerable.Range(0, 12), async i => await Effect(100 + await Read(i)), 3);
            return results.Sum(r => r - 100 + 1);
        }

        [Flow]
        internal static async Task<int> Parent()
        {
            var first = await Child(1);
            var others = await Task.WhenAll(Child(3), Child(5));
            return first + others.Sum();
        }

        [Flow]
        internal static async Task<int> Child(int n) => await Effect(n) + await Effect(n + 1);

        [Flow]
        internal static async Task<int> Reads()
        {
            var sum = await Read(1) + await Read(2);
            return sum + await Effect(3);
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task Charges() => await Charge(1);

        [Step]
        internal static async Task<int> Effect(int n)
        {
            await Task.Yield();
            Script.Say($"effect {n}");
            return n;
        }

        [Step(ReadOnly = true)]
        internal static async Task<int> Read(int n)
        {
            await Task.Yield();
            Script.Say($"read {n}");
            return n;
        }

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static async Task Charge(int n)
        {
            Script.Say("charge");
            Inside.TrySetResult();
            if (Seen is { } seen)
                Script.Say(await seen());
            if (Hold is { } hold)
                await hold.Task;
            if (Fails)
                throw new IOException("declined");
        }
    }
}
