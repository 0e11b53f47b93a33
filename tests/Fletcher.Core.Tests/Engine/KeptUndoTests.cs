using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>A step run has one undo, however many executions and attempts come by it: it is undone once.</summary>
public sealed class KeptUndoTests
{
    [Theory]
    [InlineData("body", new[] { "fail", "undo 1" })]
    [InlineData("step", new[] { "fail", "undo 1" })]
    [InlineData("retried step", new[] { "do 2", "fail", "undo 2", "undo 1" })]
    [InlineData("transaction", new[] { "fail", "undo 1" })]
    [InlineData("step in a transaction", new[] { "fail", "undo 1" })]
    [InlineData("fan-out", new[] { "fail", "undo 1" })]
    public async Task A_step_that_an_execution_before_a_crash_completed_is_undone_once(string place, string[] then)
    {
        var store = new SurvivingStore();
        await CrashInHold(store, place);
        Assert.Equal(["do 1"], Work.Script.Lines);
        Work.Start();

        await using var next = new TestHost(store.Reopen());
        await Assert.ThrowsAnyAsync<Exception>(() => next.Run(() => Work.By(place)));

        Assert.Equal(then, Work.Script.Lines);
        var undos = (await next.Steps()).FindAll(step => step.Undoes != 0);
        Assert.Equal(undos.Count, undos.DistinctBy(undo => undo.Undoes).Count());
        Assert.All(undos, undo => Assert.Equal(StepRunState.Completed, undo.State));
    }

    [Theory]
    [InlineData("retried step", new[] { "do 1", "do 2", "fail", "undo 2", "undo 1" })]
    [InlineData("retried flow", new[] { "do 1", "fail", "fail", "undo 1" })]
    public async Task A_step_that_an_earlier_attempt_completed_is_undone_once(string place, string[] lines)
    {
        await using var host = TestHost.InMemory();
        Work.Start();

        await Assert.ThrowsAnyAsync<Exception>(() => host.Run(() => Work.By(place)));

        Assert.Equal(lines, Work.Script.Lines);
        var undos = (await host.Steps()).FindAll(step => step.Undoes != 0);
        Assert.Equal(undos.Count, undos.DistinctBy(undo => undo.Undoes).Count());
    }

    [Fact]
    public async Task What_stood_before_a_crash_is_not_undone_after_it()
    {
        var store = new SurvivingStore();
        await CrashInHold(store, "behind a transaction");
        Assert.Equal(["do 1"], Work.Script.Lines);
        Work.Start();

        await using var next = new TestHost(store.Reopen());
        await Assert.ThrowsAsync<IOException>(() => next.Run(() => Work.By("behind a transaction")));

        Assert.Equal(["fail"], Work.Script.Lines);
        Assert.Equal(StepRunState.NotRun, Assert.Single(await next.Steps(), step => step.Undoes != 0).State);
    }

    private static async Task CrashInHold(SurvivingStore store, string place)
    {
        Work.Start();
        await Work.Trap.KillInside(store, new TestHost(store), () => Work.By(place), isWritten: true);
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

        internal static Task By(string place) => place switch
        {
            "body" => InBody(),
            "step" => InStep(),
            "retried step" => InRetriedStep(),
            "transaction" => InTransaction(),
            "step in a transaction" => InBoth(),
            "fan-out" => InFanOut(),
            "retried flow" => Retried(),
            _ => Behind(),
        };

        [Flow]
        internal static async Task InBody()
        {
            await Do(1);
            await Held();
            await Fail();
        }

        [Flow]
        internal static async Task InStep()
        {
            await Around();
            await Fail();
        }

        [Flow]
        internal static async Task InRetriedStep()
        {
            await AroundTwice();
            await Fail();
        }

        [Flow]
        internal static Task InTransaction() => Flow.Transaction(async () =>
        {
            await Do(1);
            await Held();
            await Fail();
        });

        [Flow]
        internal static Task InBoth() => Flow.Transaction(async () =>
        {
            await Around();
            await Fail();
        });

        [Flow]
        internal static async Task InFanOut()
        {
            await Flow.Map([1], Do);
            await Held();
            await Fail();
        }

        [Flow(Retries = 1, Backoff = "1ms")]
        internal static async Task Retried()
        {
            await Do(1);
            await Fail();
        }

        [Flow]
        internal static async Task Behind()
        {
            await Flow.Transaction(() => Do(1));
            await Held();
            await Fail();
        }

        [Step]
        internal static async Task Around()
        {
            await Do(1);
            await Held();
        }

        [Step(Retries = 1, Backoff = "1ms")]
        internal static async Task AroundTwice()
        {
            await Do(1);
            await Held();
            await Do(2);
            if (Flow.Current.StepAttempt == 1)
                throw new IOException("not yet");
        }

        [Step(Undo = nameof(Undo))]
        internal static async Task<int> Do(int n)
        {
            await Task.Yield();
            Script.Say($"do {n}");
            return n;
        }

        [Step]
        internal static void Undo(int n) => Script.Say($"undo {n}");

        [Step]
        internal static async Task Held()
        {
            await Trap.Pass();
        }

        [Step]
        internal static Task Fail()
        {
            Script.Say("fail");
            return Task.FromException(new IOException("no room"));
        }
    }
}
