using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine.Tests;

/// <summary>Step runs that do not count any more: they are history, and no execution uses them.</summary>
public sealed class DiscardedTests
{
    [Fact]
    public async Task A_discarded_step_runs_again_as_a_step_run_of_its_own_and_the_old_one_stays_as_it_was()
    {
        var store = await Failed();
        var before = await Discard(store, step => step.Sequence == 1);

        await using var host = new TestHost(store.Reopen());
        Assert.Equal("a b", await host.Run(() => Work.Both("a", "b")));

        Assert.Equal(["a", "b", "a"], Work.Script.Lines);
        var steps = await host.Steps();
        Assert.Equal([1, 2, 3, 4], steps.Select(s => s.Sequence));
        Assert.Equal(before[0], steps[0]);
        Assert.Equal((before[0].Key, StepRunState.Completed, false), (steps[3].Key, steps[3].State, steps[3].Discarded));
    }

    [Fact]
    public async Task Numbers_go_on_behind_a_discarded_step_that_was_the_last()
    {
        var store = await Failed();
        await Discard(store, step => step.Sequence >= 2);

        await using var host = new TestHost(store.Reopen());
        Assert.Equal("a b", await host.Run(() => Work.Both("a", "b")));

        Assert.Equal([(1, false), (2, true), (3, true), (4, false), (5, false)], (await host.Steps()).Select(s => (s.Sequence, s.Discarded)));
    }

    [Fact]
    public async Task A_discarded_step_is_no_reason_to_think_that_a_call_has_drifted()
    {
        Work.Input = "old";
        var store = await Failed(() => Work.Charges());
        await Discard(store, _ => true);
        Work.Input = "new";

        await using var host = new TestHost(store.Reopen());
        Assert.Equal("new", await host.Run(() => Work.Charges()));

        Assert.Equal(["old", "new"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_run_in_which_a_step_was_discarded_twice_knows_the_newest_only()
    {
        var store = await Failed();
        await Discard(store, step => step.Sequence == 1);
        Work.Fails = true;
        await using (var host = new TestHost(store.Reopen()))
            await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Both("a", "b")));
        Work.Fails = false;

        await using var last = new TestHost(store.Reopen());
        Assert.Equal("a b", await last.Run(() => Work.Both("a", "b")));

        Assert.Equal(["a", "b", "a"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_step_that_this_execution_undid_and_did_not_reach_stays_discarded_when_the_run_completes()
    {
        var store = new SurvivingStore();
        Work.Start("old");
        Work.Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var host = new TestHost(store);
        var lost = host.Host.RunAsync(() => Work.Undoes());
        await Work.Inside.Task.WithinLimit();
        await host.Host.FlushAsync();
        store.Kill();
        Assert.Equal(["take"], Work.Script.Lines);
        Work.Hold.SetResult();
        await store.End(host, lost);
        Work.Start("new");

        await using var next = new TestHost(store.Reopen());
        await next.Run(() => Work.Undoes());

        Assert.Equal(["untake"], Work.Script.Lines);
        Assert.Equal(FlowRunState.Completed, (await next.OnlyRun()).State);
        var taken = await next.Step("Take");
        Assert.Equal((StepRunState.Completed, true, "it was undone"), (taken.State, taken.Discarded, taken.Reason));
    }

    private static Task<SurvivingStore> Failed() => Failed(() => Work.Both("a", "b"));

    private static async Task<SurvivingStore> Failed(Func<Task> flow)
    {
        Work.Script.Clear();
        Work.Fails = true;
        var store = new SurvivingStore();
        await using var host = new TestHost(store);
        await Assert.ThrowsAsync<IOException>(() => host.Run(flow));
        Work.Fails = false;
        return store;
    }

    private static async Task<List<StepRunRecord>> Discard(SurvivingStore store, Predicate<StepRunRecord> which)
    {
        var behind = store.Reopen();
        var run = Assert.Single(await behind.GetFlowRunsAsync(new FlowRunQuery(), TestContext.Current.CancellationToken));
        var steps = await behind.GetStepRunsAsync(run.Id, TestContext.Current.CancellationToken).ToListAsync();
        var discarded = steps.FindAll(which).ConvertAll(step => step with { Discarded = true });
        var batch = new WriteBatch();
        batch.StepRuns.AddRange(discarded);
        await behind.WriteAsync(batch, TestContext.Current.CancellationToken);
        return discarded;
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static string Input { get; set; } = "";

        internal static bool Fails { get; set; }

        internal static TaskCompletionSource? Inside { get; set; }

        internal static TaskCompletionSource? Hold { get; set; }

        internal static void Start(string input)
        {
            Script.Clear();
            (Input, Fails, Inside, Hold) = (input, false, null, null);
        }

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task<string> Both(string first, string second) => await End($"{await Said(first)} {await Said(second)}");

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task<string> Charges() => await End(await Once(Input));

        [Flow]
        internal static async Task Undoes()
        {
            try
            {
                await Flow.Transaction(async () =>
                {
                    if (Input == "old")
                    {
                        await Take();
                        await Held();
                    }

                    throw new IOException("no room");
                });
            }
            catch (TransactionFailedException)
            {
            }
        }

        [Step(Undo = nameof(Untake))]
        internal static async Task Take()
        {
            await Task.Yield();
            Script.Say("take");
        }

        [Step]
        internal static void Untake() => Script.Say("untake");

        [Step]
        internal static async Task Held()
        {
            Inside?.TrySetResult();
            if (Hold is { } hold)
                await hold.Task;
        }

        [Step]
        internal static async Task<string> Said(string text)
        {
            await Task.Yield();
            Script.Say(text);
            return text;
        }

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static async Task<string> Once(string text) => await Said(text);

        [Step]
        internal static async Task<string> End(string text)
        {
            await Task.Yield();
            return Fails ? throw new IOException() : text;
        }
    }
}
