using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>What an execution recognises behind a transaction whose failure it is told again, without executing its code; and what becomes of undo steps that failed.</summary>
public sealed class TransactionMemoryTests
{
    [Fact]
    public async Task Calls_behind_a_failed_transaction_are_not_taken_for_those_inside()
    {
        var store = new SurvivingStore();
        var host = new TestHost(store);
        Work.Start();
        Work.Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lost = host.Host.RunAsync(() => Work.Behind());
        await Work.Inside.Task.WithinLimit();
        store.Kill();
        Work.Hold.SetResult();
        await store.End(host, lost);
        Assert.Equal(["take 1", "same", "undo 1", "hold"], Work.Script.Lines);
        var ids = Work.Ids;
        Work.Start();

        await using var next = new TestHost(store.Reopen());
        await next.Run(() => Work.Behind());

        Assert.Equal(["hold", "take 2", "same"], Work.Script.Lines);
        Assert.Equal([ids[2], ids[3]], Work.Ids);
        var inside = (await next.Steps()).Where(step => step.ParentSequence != 0).ToList();
        Assert.DoesNotContain(inside, step => step.Superseded);
        Assert.Equal("it was undone", inside.Single(step => step.Step.Name.EndsWith(".Take", StringComparison.Ordinal)).Reason);
    }

    [Fact]
    public async Task What_an_earlier_attempt_left_inside_is_not_taken_either()
    {
        var store = new SurvivingStore();
        var host = new TestHost(store);
        Work.Start();
        Work.Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lost = host.Host.RunAsync(() => Work.BehindTwice());
        await Work.Inside.Task.WithinLimit();
        store.Kill();
        Work.Hold.SetResult();
        await store.End(host, lost);
        Assert.Equal(["take 1", "same", "undo 1", "take 1", "undo 1", "hold"], Work.Script.Lines);
        Work.Start();

        await using var next = new TestHost(store.Reopen());
        await next.Run(() => Work.BehindTwice());

        Assert.Equal(["hold", "take 2", "same"], Work.Script.Lines);
    }

    [Fact]
    public async Task An_at_most_once_undo_that_failed_in_a_flow_is_not_begun_again_by_its_caller()
    {
        Work.Start();
        await using var host = TestHost.InMemory();

        await Assert.ThrowsAsync<UndoFailedException>(() => host.Run(() => Work.Caller()));

        Assert.Equal(["undo once"], Work.Script.Lines);
    }

    [Fact]
    public async Task An_undo_that_failed_stays_failed_when_the_run_completes()
    {
        Work.Start();
        await using var host = TestHost.InMemory();

        await host.Run(() => Work.Handles());

        var undo = Assert.Single(await host.Steps(), step => step.Undoes != 0);
        Assert.Equal((StepRunState.Failed, true), (undo.State, undo.Superseded));
    }

    [Fact]
    public async Task An_undone_step_does_not_run_what_is_inside_twice()
    {
        Work.Start();
        Work.Failures = 1;
        var store = new SurvivingStore();
        RunId id;
        await using (var host = new TestHost(store))
        {
            await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.AroundOnce()));
            id = (await host.OnlyRun()).Id;
        }

        Assert.Equal(["inside", "undo around"], Work.Script.Lines);
        Work.Start();
        Work.OuterFailures = 1;
        await using var again = new TestHost(store.Reopen(), null, o => o.Retry = id);
        await again.Run(() => Work.AroundOnce());

        Assert.Equal(0, Work.OuterFailures);
        Assert.Empty(Work.Script.Lines);
    }

    internal static class Work
    {
        private static readonly List<Guid> Remembered = [];

        internal static Script Script { get; } = new();

        internal static IReadOnlyList<Guid> Ids => [.. Remembered];

        internal static TaskCompletionSource? Hold { get; set; }

        internal static TaskCompletionSource? Inside { get; set; }

        internal static int Failures { get; set; }

        internal static int OuterFailures { get; set; }

        internal static void Start()
        {
            Script.Clear();
            Remembered.Clear();
            (Hold, Inside) = (null, null);
            (Failures, OuterFailures) = (0, 0);
        }

        [Flow]
        internal static Task Behind() => BehindAsync(0);

        [Flow(Retries = 1, Backoff = "1ms")]
        internal static Task BehindTwice() => BehindAsync(1);

        private static async Task BehindAsync(int failures)
        {
            try
            {
                await Flow.Transaction(async () =>
                {
                    await CallTake(1);
                    await Same();
                    await RememberAsync();
                    throw new IOException("no room");
                });
            }
            catch (TransactionFailedException)
            {
            }

            if (Flow.Current.FlowAttempt <= failures)
                throw new IOException("no room");
            await RememberAsync();
            await Held();
            await CallTake(2);
            await Same();
        }

        [Flow]
        internal static async Task AroundOnce()
        {
            await Around();
            if (Failures > 0)
                throw new IOException("no room");
        }

        [Step(Retries = 1, Backoff = "1ms", Undo = nameof(UndoAround))]
        internal static async Task Around()
        {
            await InsideOnce();
            if (OuterFailures-- > 0)
                throw new IOException("not yet");
            OuterFailures = 0;
        }

        [Step]
        internal static void UndoAround() => Script.Say("undo around");

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static Task InsideOnce()
        {
            Script.Say("inside");
            return Task.CompletedTask;
        }

        [Flow]
        internal static async Task Caller()
        {
            await Handles();
            throw new IOException("no room");
        }

        [Flow]
        internal static async Task Handles()
        {
            try
            {
                await Flow.Transaction(async () =>
                {
                    await Gone();
                    throw new IOException("no room");
                });
            }
            catch (UndoFailedException)
            {
            }
        }

        [Step(Delivery = Delivery.AtMostOnce, Undo = nameof(Untake))]
        internal static Task Take(int number)
        {
            Script.Say($"take {number}");
            return Task.CompletedTask;
        }

        [Step]
        internal static void Untake(int number) => Script.Say($"undo {number}");

        [Step]
        internal static Task Same()
        {
            Script.Say("same");
            return Task.CompletedTask;
        }

        [Step(Undo = nameof(Return))]
        internal static Task Gone() => Task.CompletedTask;

        [Step(Delivery = Delivery.AtMostOnce)]
        internal static void Return()
        {
            Script.Say("undo once");
            throw new InvalidOperationException("broken");
        }

        [Step]
        internal static async Task Held()
        {
            Script.Say("hold");
            Inside?.TrySetResult();
            if (Hold is { } hold)
                await hold.Task;
        }

        // From one place, as in a loop.
        private static Task CallTake(int number) => Take(number);

        private static async Task RememberAsync()
        {
            Remembered.Add(Flow.NewGuid());
            Remembered.Add((await Flow.Map([1], _ => Task.FromResult(Flow.NewGuid())))[0]);
        }
    }
}
