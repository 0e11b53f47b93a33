using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>Before a step that can have effects begins, every result that it could have seen is committed.</summary>
public sealed class OutputCommitTests
{
    [Fact]
    public async Task A_step_with_effects_begins_only_when_what_it_could_have_seen_is_committed()
    {
        var (store, held, letGo) = Held("Work.First");
        await using var host = new TestHost(store);
        Work.Script.Clear();

        var run = host.Run(() => Work.Two());
        await held.WithinLimit();
        Assert.Equal(["first"], Work.Script.Lines);
        letGo();
        await run;

        Assert.Equal(["first", "second"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_step_that_only_reads_does_not_wait()
    {
        var (store, _, letGo) = Held("Work.First");
        await using var host = new TestHost(store);
        Work.Script.Clear();
        Work.Reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var run = host.Run(() => Work.ReadsAfterwards());
        await Work.Reading.Task.WithinLimit();
        Assert.False(run.IsCompleted);
        letGo();
        await run;
    }

    [Fact]
    public async Task The_end_of_a_flow_is_committed_before_its_caller_gets_the_result()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var store = new SurvivingStore();
        store.HoldWrite = batch =>
        {
            if (!batch.FlowRuns.Exists(r => r.State == FlowRunState.Completed))
                return Task.CompletedTask;
            held.TrySetResult();
            return goOn.Task;
        };
        await using var host = new TestHost(store);

        var run = host.Run(() => Work.Two());
        await held.Task.WithinLimit();
        Assert.False(run.IsCompleted);
        goOn.SetResult();
        await run;
    }

    [Fact]
    public async Task An_item_of_a_fan_out_does_not_wait_for_its_neighbours()
    {
        // Both items have read (nothing waits for that). Only 1 has a result of its own to be committed; 2 has none.
        var store = new SurvivingStore();
        await using var host = new TestHost(store);
        Work.Script.Clear();
        Work.Reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.SecondBegan = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.HoldWrite = batch => batch.StepRuns.Exists(s => s.Step.Name.EndsWith("Look", StringComparison.Ordinal)) ? goOn.Task : Task.CompletedTask;

        var run = host.Run(() => Work.Neighbours());
        await Work.SecondBegan.Task.WithinLimit();
        Assert.DoesNotContain("second 1", Work.Script.Lines);
        goOn.SetResult();
        await run;

        Assert.Contains("second 1", Work.Script.Lines);
    }

    [Fact]
    public async Task After_a_fan_out_with_failed_items_an_effect_waits_for_what_they_had_done()
    {
        var (store, held, letGo) = Held("Work.Look");
        await using var host = new TestHost(store);
        Work.Script.Clear();

        var run = host.Run(() => Work.AfterFailure());
        await held.WithinLimit();
        Assert.DoesNotContain("second", Work.Script.Lines);
        letGo();
        await run;

        Assert.Contains("second", Work.Script.Lines);
    }

    /// <summary>A store that holds the batch with the first record of a step, until it is let go.</summary>
    private static (SurvivingStore Store, Task Held, Action LetGo) Held(string step)
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var store = new SurvivingStore
        {
            HoldWrite = batch =>
            {
                if (!batch.StepRuns.Exists(s => s.Step.Name.EndsWith(step, StringComparison.Ordinal)))
                    return Task.CompletedTask;
                held.TrySetResult();
                return goOn.Task;
            },
        };
        return (store, held.Task, () => goOn.TrySetResult());
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static TaskCompletionSource Reading { get; set; } = new();

        internal static TaskCompletionSource SecondBegan { get; set; } = new();

        [Flow]
        internal static async Task Two()
        {
            await First();
            await Second("second");
        }

        [Flow]
        internal static async Task ReadsAfterwards()
        {
            await First();
            await Look(0);
        }

        [Flow]
        internal static async Task Neighbours() => await Flow.Map([1, 2], async i =>
        {
            if (i == 1)
                await Look(i);
            await Second($"second {i}");
        });

        [Flow]
        internal static async Task AfterFailure()
        {
            try
            {
                await Flow.Map([1], async i =>
                {
                    await Look(i);
                    throw new IOException();
                });
            }
            catch (IOException)
            {
                await Second("second");
            }
        }

        [Step]
        internal static async Task First()
        {
            await Task.Yield();
            Script.Say("first");
        }

        [Step]
        internal static async Task Second(string text)
        {
            await Task.Yield();
            Script.Say(text);
            SecondBegan.TrySetResult();
        }

        [Step(ReadOnly = true)]
        internal static async Task<int> Look(int n)
        {
            await Task.Yield();
            Reading.TrySetResult();
            return n;
        }
    }
}
