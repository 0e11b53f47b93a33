using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>
/// A flow that was called inside a step that is in doubt now, as its process went away. Nobody comes back to it, and what it did is undone with the run all the same.
/// </summary>
public sealed class AdoptTests
{
    [Theory]
    [InlineData("alone", new[] { "do 1" }, new[] { "undo 1" })]
    [InlineData("with others", new[] { "do 0", "do 1" }, new[] { "undo 1", "undo 0" })]
    [InlineData("deep", new[] { "do 1", "do 2" }, new[] { "undo 2", "undo 1" })]
    [InlineData("deepest", new[] { "do 2" }, new[] { "undo 2" })]
    public async Task What_a_flow_did_that_nobody_comes_back_to_is_undone_when_the_run_fails(string flow, string[] before, string[] after)
    {
        var store = new SurvivingStore();
        await CrashInHold(store, flow);
        Assert.Equal(before, Work.Script.Lines);
        Work.Start();

        await using var next = new TestHost(store.Reopen());
        await Assert.ThrowsAsync<StepUnknownException>(() => next.Run(() => Work.By(flow)));

        Assert.Equal(after, Work.Script.Lines);
        var root = (await next.Runs()).Single(run => run.ParentRunId is null);
        Assert.Equal(FlowRunState.Failed, root.State);
        Assert.StartsWith(after.Length == 1 ? "1 step was undone" : $"{after.Length} steps were undone", root.Reason, StringComparison.Ordinal);
        foreach (var run in await next.Runs())
        {
            Assert.True(run.State.IsEnd(), $"{run.Flow} is {run.State}");
            Assert.All(await next.Steps(run.Id), step => Assert.True(step.State.IsEnd(), $"{step.Step.Name} is {step.State}"));
            Assert.All(
                (await next.Steps(run.Id)).Where(step => step.Step.Name.EndsWith(".Do", StringComparison.Ordinal)), step => Assert.True(step.Discarded));
        }
    }

    [Fact]
    public async Task It_stands_when_the_run_completes()
    {
        var store = new SurvivingStore();
        await CrashInHold(store, "handled");
        Work.Start();

        await using var next = new TestHost(store.Reopen());
        await next.Run(() => Work.By("handled"));

        Assert.Empty(Work.Script.Lines);
        Assert.Equal([FlowRunState.Completed, FlowRunState.Crashed], (await next.Runs()).Select(run => run.State));
    }

    [Fact]
    public async Task A_flow_that_completed_just_before_the_crash_leaves_nothing_waiting()
    {
        var store = new SurvivingStore();
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.BeforeWrite = (process, batch) =>
        {
            // The flow's own end is written by then; that its caller knows of it is not.
            if (process.IsDead || !batch.StepRuns.Any(step => step is { ChildRunId: not null, State: StepRunState.Completed }))
                return;
            process.Kill();
            killed.SetResult();
        };
        Work.Start();
        var host = new TestHost(store);
        var lost = host.Host.RunAsync(() => Work.By("handled, short"));
        await killed.Task.WithinLimit("the crash");
        await store.End(host, lost);

        await using var next = new TestHost(store.Reopen());
        await next.Run(() => Work.By("handled, short"));

        var runs = await next.Runs();
        Assert.Equal([FlowRunState.Completed, FlowRunState.Completed], runs.Select(run => run.State));
        foreach (var run in runs)
            Assert.All(await next.Steps(run.Id), step => Assert.True(step.State.IsEnd(), $"{step.Step.Name} is {step.State}"));
        Assert.Equal(["do 1"], Work.Script.Lines);
    }

    private static async Task CrashInHold(SurvivingStore store, string flow)
    {
        Work.Start();
        await Work.Trap.KillInside(store, new TestHost(store), () => Work.By(flow), isWritten: true);
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static Trap Trap { get; } = new();

        internal static void Start()
        {
            Script.Clear();
            Trap.Clear();
        }

        internal static Task By(string flow) => flow switch
        {
            "alone" => Alone(),
            "with others" => WithOthers(),
            "deep" => Deep(),
            "deepest" => Deepest(),
            "handled" => Handled(),
            _ => HandledShort(),
        };

        [Flow]
        internal static Task Alone() => InDoubt(1);

        [Flow]
        internal static async Task WithOthers()
        {
            await Do(0);
            await InDoubt(1);
        }

        [Flow]
        internal static Task Deep() => InDoubt(2);

        [Flow]
        internal static Task Deepest() => InDoubt(3);

        [Flow]
        internal static async Task Handled() => await Flow.Try(() => InDoubt(1));

        [Flow]
        internal static async Task HandledShort() => await Flow.Try(() => InDoubt(0));

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static Task InDoubt(int kind) => kind switch
        {
            0 => ShortChild(),
            1 => Child(),
            2 => Parent(true),
            _ => Parent(false),
        };

        [Flow]
        internal static Task ShortChild() => Do(1);

        [Flow]
        internal static async Task Child()
        {
            await Do(1);
            await Held();
        }

        [Flow]
        internal static async Task Parent(bool does)
        {
            if (does)
                await Do(1);
            await Grandchild();
        }

        [Flow]
        internal static async Task Grandchild()
        {
            await Do(2);
            await Held();
        }

        [Step(Undo = nameof(Undo))]
        internal static async Task Do(int n)
        {
            await Task.Yield();
            Script.Say($"do {n}");
        }

        [Step]
        internal static void Undo(int n) => Script.Say($"undo {n}");

        [Step]
        internal static async Task Held()
        {
            await Trap.Pass();
        }
    }
}
