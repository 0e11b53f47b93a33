using Fletcher.Model;

namespace Fletcher.Engine.Tests.Waits;

/// <summary>
/// A cancelled run whose sub-flows do not heed their token. They end before it does, and so do the step runs that stand for them: nobody executes the run again, so what is
/// still open behind its end would be open for ever, if the process went away then.
/// </summary>
public sealed class CancelFamilyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_stands_for_a_sub_flow_that_is_left_behind_ends_before_the_run()
    {
        await using var scene = new Scene();
        var (run, behind) = await Begin(scene, () => Work.Calls(2, false));

        await scene.Client.As("ada").CancelAsync((await scene.RunOf("Calls")).Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        await CheckAsync(scene, behind);
    }

    [Fact]
    public async Task The_undoing_of_a_sub_flow_that_is_left_behind_ends_before_the_run()
    {
        await using var scene = new Scene();
        var (run, behind) = await Begin(scene, () => Work.Calls(2, true));

        await scene.Client.As("ada").CancelAsync((await scene.RunOf("Calls")).Id, cancellationToken: Cancellation);
        await Work.Undoing.Task.WithinLimit();
        await Task.WhenAny(run, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancellation));
        Assert.False(run.IsCompleted, "the run ended before its sub-flow had been undone");
        Work.UndoGate.SetResult();

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        Assert.Equal(["do", "undo"], Work.Script.Lines);
        await CheckAsync(scene, behind);
    }

    [Fact]
    public async Task A_sub_flow_that_is_still_being_read_when_patience_ends_ends_before_the_run()
    {
        await using var scene = new Scene();
        var dying = (SurvivingStore)scene.NewStore();
        var (lost, _) = await Begin(scene, () => Work.Calls(2, false), dying);
        dying.Kill();
        var inner = (await scene.Runs()).Single(run => run.Id != run.RootRunId && run.Parameters.AsSpan().IndexOf("\"levels\":0"u8) >= 0).Id;
        var (reading, read) = (new TaskCompletionSource(), new TaskCompletionSource());
        var store = (SurvivingStore)scene.NewStore();
        store.HoldRead = async run =>
        {
            if (run == inner && reading.TrySetResult())
                await read.Task;
        };
        var (run, behind) = await Begin(scene, () => Work.Calls(2, false), store, reading.Task);

        await scene.Client.As("ada").CancelAsync((await scene.RunOf("Calls")).Id, cancellationToken: Cancellation);
        await Task.WhenAny(run, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancellation));
        Assert.False(run.IsCompleted, "the run ended before its sub-flow was there");
        read.SetResult();

        await Assert.ThrowsAsync<RunCancelledException>(() => run);
        await CheckAsync(scene, behind);
        await dying.End(scene.Forget(0), lost);
    }

    /// <summary>Nothing of the family is open, and what the code that was left behind comes to writes nothing any more.</summary>
    private static async Task CheckAsync(Scene scene, IReadOnlyList<string> behind)
    {
        var runs = await scene.Runs();
        Assert.Equal(4, runs.Count);
        foreach (var run in runs)
        {
            Assert.Equal(FlowRunState.Cancelled, run.State);
            Assert.All(await scene.StepRuns(run.Id), step => Assert.True(step.State.IsEnd(), $"{step.Step.Name} in {run.Flow} is {step.State}"));
        }

        Work.Gate.SetResult();
        await scene.Until(() => scene.Host.Host.LeakCount == 0);
        await scene.Host.Host.FlushAsync();
        Assert.Empty(behind);
    }

    /// <summary>Runs the flow until its innermost step runs; gives the run, and what is written behind the run's end.</summary>
    private static async Task<(Task Run, IReadOnlyList<string> Behind)> Begin(Scene scene, Func<Task> flow, SurvivingStore? store = null, Task? until = null)
    {
        Work.Start();
        store ??= (SurvivingStore)scene.NewStore();
        List<string> behind = [];
        var isOver = false;
        store.BeforeWrite = (_, batch) =>
        {
            if (isOver)
                behind.AddRange([.. batch.StepRuns.Select(step => $"{step.Step.Name} {step.State}"), .. batch.FlowRuns.Select(run => $"{run.Flow} {run.State}")]);
            isOver |= batch.FlowRuns.Exists(run => run.ParentRunId is null && run.State.IsEnd());
        };
        var run = scene.NewHost(store, options =>
        {
            options.CancelGrace = TimeSpan.FromMilliseconds(20);
            options.Faults = new SlowSubFlows();
        }).Run(flow);
        await (until ?? Work.Began.Task).WithinLimit();
        return (run, behind);
    }

    /// <summary>Lets some time pass between the end of a sub-flow and that of the step run that stands for it, as a busy machine may.</summary>
    private sealed class SlowSubFlows : FaultPoints
    {
        internal override async ValueTask<Departure> RunAsync(FlowExecution run, Func<ValueTask<Departure>> execute)
        {
            try
            {
                return await execute();
            }
            finally
            {
                // In pieces as small as those in which the run waits: then a machine that has no time holds up both.
                for (var pieces = 0; run.Record.ParentRunId is not null && pieces < 10; pieces++)
                    await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
            }
        }

        internal override ValueTask StepAsync(StepExecution step, Func<ValueTask> execute) => execute();

        internal override ValueTask BeforeAttemptAsync(StepExecution step) => ValueTask.CompletedTask;

        internal override ValueTask AttemptAsync(StepExecution step, Func<CancellationToken, ValueTask> body, CancellationToken cancellationToken) =>
            body(cancellationToken);
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static TaskCompletionSource Began { get; private set; } = new();

        internal static TaskCompletionSource Gate { get; private set; } = new();

        internal static TaskCompletionSource Undoing { get; private set; } = new();

        internal static TaskCompletionSource UndoGate { get; private set; } = new();

        internal static void Start()
        {
            Script.Clear();
            (Began, Gate) = (New(), New());
            (Undoing, UndoGate) = (New(), New());
        }

        [Flow]
        internal static Task Calls(int levels, bool does) => Level(levels, does);

        [Flow]
        internal static async Task Level(int levels, bool does)
        {
            if (levels > 0)
            {
                await Level(levels - 1, does);
                return;
            }

            if (does)
                await Do();
            await Unheeding();
        }

        [Step(Undo = nameof(Undo))]
        internal static async Task Do()
        {
            await Task.Yield();
            Script.Say("do");
        }

        [Step]
        internal static async Task Undo()
        {
            Undoing.TrySetResult();
            await UndoGate.Task;
            Script.Say("undo");
        }

        [Step]
        internal static async Task Unheeding()
        {
            Began.TrySetResult();
            await Gate.Task;
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
