using System.Text;
using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>Steps with an undo: a run that ends badly takes back what it did, the newest first.</summary>
public sealed class UndoTests
{
    [Fact]
    public async Task A_run_that_fails_undoes_its_completed_steps_newest_first_and_then_throws_what_it_failed_with()
    {
        await using var host = Start();

        var error = await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Saga("ada")));

        Assert.Equal("no room", error.Message);
        Assert.Equal(["reserve ada", "charge ada 40", "fail", "refund ada receipt-40", "release ada 7"], Work.Script.Lines);
        var run = await host.OnlyRun();
        Assert.Equal((FlowRunState.Failed, "2 steps were undone", false), (run.State, run.Reason, run.IsUndoing));
        Assert.Equal("System.IO.IOException", run.Error!.Type);
        Assert.Equal((await host.Step("Fail")).Sequence, run.Error.CauseSequence);
        var steps = await host.Steps();
        Assert.Equal(
            ["Reserve Completed discarded", "Charge Completed discarded", "Fail Failed", "Refund Completed undoes Charge", "Release Completed undoes Reserve"],
            Described(steps));
    }

    [Fact]
    public async Task What_a_completed_run_did_is_not_undone_and_nothing_of_it_waits()
    {
        await using var host = Start();
        Work.Fails = false;

        await host.Run(() => Work.Saga("ada"));

        Assert.Equal(["reserve ada", "charge ada 40"], Work.Script.Lines.Take(2));
        Assert.DoesNotContain(Work.Script.Lines, line => line.StartsWith("re", StringComparison.Ordinal) && !line.StartsWith("reserve", StringComparison.Ordinal));
        Assert.Equal(
            [(StepRunState.NotRun, "the run completed"), (StepRunState.NotRun, "the run completed")],
            (await host.Steps()).Where(s => s.Undoes != 0).Select(s => (s.State, s.Reason!)));
        Assert.All(host.Seen.StepRuns, s => Assert.Equal(0, s.Undoes));
    }

    [Fact]
    public async Task Steps_without_an_undo_leave_nothing_and_what_did_not_run_is_not_undone()
    {
        await using var host = Start();

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.NothingToUndo()));

        Assert.Equal((FlowRunState.Failed, null), await host.OnlyRun() is var run ? (run.State, run.Reason) : default);
        Assert.DoesNotContain(await host.Steps(), step => step.Undoes != 0);
    }

    [Fact]
    public async Task A_cancelled_run_undoes_with_a_token_that_is_not_cancelled()
    {
        await using var host = Start();
        using var caller = new CancellationTokenSource();
        Work.Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var run = host.Run(() => Work.Cancelled(caller.Token));
        await Work.Inside.Task.WithinLimit();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        Assert.Equal(["reserve ada", "release ada 7"], Work.Script.Lines);
        Assert.False(Work.SawCancelledToken);
        var record = await host.OnlyRun();
        Assert.Equal((FlowRunState.Cancelled, "the caller's token was cancelled; 1 step was undone"), (record.State, record.Reason));
    }

    [Fact]
    public async Task A_run_that_somebody_cancels_is_undone_and_its_undoing_cannot_be_cancelled()
    {
        await using var host = Start();
        Work.Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.OnRelease = () => host.Host.Client.CancelAsync(Work.RunId!.Value);

        var run = host.Run(() => Work.Cancelled(default));
        await Work.Inside.Task.WithinLimit();
        await host.Host.Client.As("ada").CancelAsync(Work.RunId!.Value, "wrong month", TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        var record = await host.OnlyRun();
        Assert.Equal((FlowRunState.Cancelled, "cancelled by ada: wrong month; 1 step was undone"), (record.State, record.Reason));
        Assert.Equal(["reserve ada", "release ada 7"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_retry_of_the_flow_keeps_its_steps_and_only_the_last_failure_undoes_them()
    {
        await using var host = Start();

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Retried()));

        Assert.Equal(["reserve ada", "fail", "fail", "fail", "release ada 7"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_retry_that_is_asked_for_runs_again_what_was_undone()
    {
        var store = new SurvivingStore();
        RunId id;
        await using (var first = Start(store))
        {
            await Assert.ThrowsAsync<IOException>(() => first.Run(() => Work.Saga("ada")));
            id = (await first.OnlyRun()).Id;
        }

        Work.Fails = false;
        Work.Script.Clear();
        await using var again = new TestHost(store.Reopen(), null, o => o.Retry = id);
        await again.Run(() => Work.Saga("ada"));

        Assert.Equal(["reserve ada", "charge ada 40", "fail"], Work.Script.Lines);
        Assert.Equal((FlowRunState.Completed, false), await again.OnlyRun() is var run ? (run.State, run.Error is not null) : default);
    }

    [Fact]
    public async Task An_undo_is_retried_as_its_own_attribute_says()
    {
        await using var host = Start();
        Work.FailingRefunds = 2;

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Saga("ada")));

        Assert.Equal(3, (await host.Step("Refund")).Attempt);
        Assert.Equal("2 steps were undone", (await host.OnlyRun()).Reason);
    }

    [Fact]
    public async Task An_undo_that_fails_stops_the_undoing_and_a_retry_goes_on_with_it_and_then_executes_the_flow()
    {
        var store = new SurvivingStore();
        RunId id;
        await using (var first = Start(store))
        {
            Work.FailingRefunds = 3;
            var error = await Assert.ThrowsAsync<UndoFailedException>(() => first.Run(() => Work.Saga("ada")));
            Assert.Equal("no room", Assert.IsType<IOException>(error.Original).Message);
            Assert.IsType<TimeoutException>(error.UndoError);
            Assert.Equal(["reserve ada", "charge ada 40", "fail"], Work.Script.Lines);
            var failed = await first.OnlyRun();
            id = failed.Id;
            Assert.Equal(FlowRunState.Failed, failed.State);
            Assert.Contains("'Work.Refund' failed", failed.Reason!.Replace("UndoTests.", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Contains("retry", failed.Reason, StringComparison.Ordinal);
            Assert.Equal(["System.IO.IOException", "System.TimeoutException"], failed.Error!.Inner.Select(inner => inner.Type));
            Assert.Equal((await first.Step("Fail")).Sequence, failed.Error.CauseSequence);
            Assert.True(failed.IsUndoing);
        }

        Work.Script.Clear();
        Work.Fails = false;
        await using var again = new TestHost(store.Reopen(), null, o => o.Retry = id);
        await again.Run(() => Work.Saga("ada"));

        Assert.Equal(["refund ada receipt-40", "release ada 7", "reserve ada", "charge ada 40", "fail"], Work.Script.Lines);
        Assert.Equal((FlowRunState.Completed, false, null), await again.OnlyRun() is var run ? (run.State, run.IsUndoing, run.Error) : default);
    }

    [Fact]
    public async Task An_undo_that_fails_again_in_the_retry_still_tells_the_first_failure()
    {
        var store = new SurvivingStore();
        Start(store);
        Work.FailingRefunds = int.MaxValue;
        RunId id;
        await using (var first = new TestHost(store))
        {
            await Assert.ThrowsAsync<UndoFailedException>(() => first.Run(() => Work.Saga("ada")));
            id = (await first.OnlyRun()).Id;
        }

        await using var again = new TestHost(store.Reopen(), null, o => o.Retry = id);
        var error = await Assert.ThrowsAsync<UndoFailedException>(() => again.Run(() => Work.Saga("ada")));

        Assert.Equal("System.IO.IOException", Assert.IsType<EarlierFailureException>(error.Original).Type);
        var run = await again.OnlyRun();
        Assert.Equal(["System.IO.IOException", "System.TimeoutException"], run.Error!.Inner.Select(inner => inner.Type));
        Assert.Equal((FlowRunState.Failed, true), (run.State, run.IsUndoing));
        Assert.DoesNotContain("release ada 7", Work.Script.Lines);
    }

    [Fact]
    public async Task Steps_that_ran_side_by_side_are_undone_in_the_order_of_their_ends_backwards()
    {
        await using var host = Start();

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.SideBySide()));

        var steps = await host.Steps();
        var undos = steps.Where(s => s.Undoes != 0).OrderByDescending(s => s.Sequence).ToList();
        Assert.Equal(8, undos.Count);
        Assert.Equal(undos.OrderBy(s => s.EndedAt).Select(s => s.Sequence), undos.Select(s => s.Sequence));
        Assert.Equal(
            undos.Select(undo => Encoding.UTF8.GetString(steps.Find(s => s.Sequence == undo.Undoes)!.Inputs!)).Select(inputs => $"free {inputs[5..^1]}"),
            Work.Script.Lines.Where(line => line.StartsWith("free", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_step_inside_a_step_is_undone_and_the_outer_one_does_not_answer_a_retry_without_it()
    {
        var store = new SurvivingStore();
        RunId id;
        await using (var first = Start(store))
        {
            await Assert.ThrowsAsync<IOException>(() => first.Run(() => Work.Nested()));
            id = (await first.OnlyRun()).Id;
            Assert.Equal(["outer", "reserve ada", "fail", "release ada 7"], Work.Script.Lines);
        }

        Work.Fails = false;
        await using var again = new TestHost(store.Reopen(), null, o => o.Retry = id);
        await again.Run(() => Work.Nested());
        Assert.Equal(["outer", "reserve ada", "fail"], Work.Script.Lines.Skip(4));
    }

    [Fact]
    public async Task A_step_that_may_have_run_is_named_and_not_undone()
    {
        var store = new SurvivingStore();
        var crashed = Start(store);
        Work.Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lost = crashed.Host.RunAsync(() => Work.Doubtful());
        await Work.Inside.Task.WithinLimit();
        store.Kill();
        Work.Hold.SetResult();
        await store.End(crashed, lost);

        await using var host = new TestHost(store.Reopen());
        await Assert.ThrowsAsync<StepUnknownException>(() => host.Run(() => Work.Doubtful()));

        var run = await host.OnlyRun();
        Assert.Equal(FlowRunState.Failed, run.State);
        Assert.StartsWith("1 step was undone; not undone", run.Reason, StringComparison.Ordinal);
        Assert.Contains("ChargeOnce", run.Reason, StringComparison.Ordinal);
        Assert.Equal("release ada 7", Work.Script.Lines[^1]);
    }

    [Fact]
    public async Task A_result_that_was_undone_does_not_answer_another_run_from_the_cache()
    {
        await using var host = Start();
        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Cached()));
        Assert.Equal(["book", "fail", "unbook 5"], Work.Script.Lines);
        Work.Script.Clear();

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Cached()));

        Assert.Equal(["book", "fail", "unbook 5"], Work.Script.Lines);
    }

    [Fact]
    public async Task An_undo_gets_the_receiver_and_the_services_of_the_call_that_it_undoes()
    {
        await using var host = Start();
        var shop = new Work.Shop("north");

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => shop.Sell(new Work.Till("left"))));

        Assert.Equal(["north sells with left", "fail", "north takes back with left for 3"], Work.Script.Lines);
    }

    [Fact]
    public async Task An_undo_fills_parameters_that_the_step_does_not_have_with_their_defaults()
    {
        await using var host = Start();

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Defaults()));

        Assert.Equal(["open 3", "fail", "close 3 gently 1,2"], Work.Script.Lines);
    }

    internal static List<string> Described(IEnumerable<StepRunRecord> steps)
    {
        var all = steps.ToList();
        return [.. all.Select(s => new StringBuilder(Name(s)).Append(' ').Append(s.State)
            .Append(s.Discarded ? " discarded" : "")
            .Append(s.Undoes == 0 ? "" : $" undoes {all.Find(u => u.Sequence == s.Undoes && s.UndoesRunId is null) switch { { } undone => Name(undone), _ => "elsewhere" }}")
            .ToString()).OrderBy(line => line.Contains("undoes", StringComparison.Ordinal))
            .ThenBy(line => all.FindIndex(s => line.StartsWith(Name(s) + " ", StringComparison.Ordinal)) * (line.Contains("undoes", StringComparison.Ordinal) ? -1 : 1))];
    }

    private static string Name(StepRunRecord step) => step.Step.Name.Split('.')[^1];

    private static TestHost Start(SurvivingStore? store = null)
    {
        Work.Start();
        return store is null ? TestHost.InMemory() : new TestHost(store);
    }

    internal static class Work
    {
        private static int _failedRefunds;

        internal static Script Script { get; } = new();

        internal static bool Fails { get; set; }

        internal static int FailingRefunds { get; set; }

        internal static bool SawCancelledToken { get; private set; }

        internal static RunId? RunId { get; private set; }

        internal static Func<Task>? OnRelease { get; set; }

        internal static TaskCompletionSource Inside { get; set; } = new();

        internal static TaskCompletionSource? Hold { get; set; }

        internal static void Start()
        {
            Script.Clear();
            (Fails, FailingRefunds, _failedRefunds, SawCancelledToken, OnRelease, Hold) = (true, 0, 0, false, null, null);
        }

        [Flow]
        internal static async Task Saga(string who)
        {
            var seat = await Reserve(who);
            await Charge(who, 33 + seat);
            await Fail();
        }

        [Flow]
        internal static async Task NothingToUndo()
        {
            await Plain();
            await Fail();
        }

        [Flow]
        internal static async Task Cancelled(CancellationToken cancellationToken)
        {
            RunId = Flow.Current.RunId;
            await Reserve("ada");
            await Endless();
        }

        [Flow(Retries = 2)]
        internal static async Task Retried()
        {
            await Reserve("ada");
            await Fail();
        }

        [Flow]
        internal static async Task SideBySide()
        {
            await Flow.Map(Enumerable.Range(0, 8), Seat, 4);
            await Fail();
        }

        [Flow]
        internal static async Task Nested()
        {
            await Outer();
            await Fail();
        }

        [Flow]
        internal static async Task Doubtful()
        {
            await Reserve("ada");
            await ChargeOnce();
        }

        [Flow]
        internal static async Task Cached()
        {
            Book(1);
            await Fail();
        }

        [Flow]
        internal static async Task Defaults()
        {
            Open(3);
            await Fail();
        }

        [Step(Undo = nameof(Release))]
        internal static async Task<int> Reserve(string who)
        {
            await Task.Yield();
            Script.Say($"reserve {who}");
            return 7;
        }

        [Step]
        internal static async Task Release(string who, int seat, CancellationToken cancellationToken)
        {
            SawCancelledToken |= cancellationToken.IsCancellationRequested;
            if (OnRelease is { } called)
                await called();
            await Task.Yield();
            SawCancelledToken |= cancellationToken.IsCancellationRequested;
            Script.Say($"release {who} {seat}");
        }

        [Step(Undo = nameof(Refund))]
        internal static async ValueTask<Receipt> Charge(string who, int amount)
        {
            await Task.Yield();
            Script.Say($"charge {who} {amount}");
            return new Receipt($"receipt-{amount}");
        }

        [Step(Retries = 2)]
        private static void Refund(Receipt receipt, string who)
        {
            if (_failedRefunds++ < FailingRefunds)
                throw new TimeoutException("the bank is closed");
            _failedRefunds = 0;
            FailingRefunds = FailingRefunds == int.MaxValue ? FailingRefunds : 0;
            Script.Say($"refund {who} {receipt.Number}");
        }

        [Step]
        internal static Task Fail()
        {
            Script.Say("fail");
            return Fails ? Task.FromException(new IOException("no room")) : Task.CompletedTask;
        }

        [Step]
        internal static Task Plain() => Task.CompletedTask;

        [Step]
        internal static async Task Endless(CancellationToken cancellationToken = default)
        {
            Inside.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        [Step(Undo = nameof(Free))]
        internal static async Task<int> Seat(int n)
        {
            await Task.Yield();
            return n;
        }

        [Step]
        internal static void Free(int n) => Script.Say($"free {n}");

        [Step]
        internal static async Task Outer()
        {
            Script.Say("outer");
            await Reserve("ada");
        }

        [Step(Delivery = Delivery.AtMostOnce, Undo = nameof(Plain))]
        internal static async Task ChargeOnce()
        {
            Inside.TrySetResult();
            if (Hold is { } hold)
                await hold.Task;
        }

        [Step(Cache = "1h", Undo = nameof(Unbook))]
        internal static int Book(int n)
        {
            Script.Say("book");
            return n + 4;
        }

        [Step]
        internal static void Unbook(int booking) => Script.Say($"unbook {booking}");

        [Step(Undo = nameof(Close))]
        internal static void Open(int door) => Script.Say($"open {door}");

        [Step]
        internal static void Close(int door, string how = "gently", params int[] times) =>
            Script.Say($"close {door} {how} {string.Join(',', times.DefaultIfEmpty(1).Append(2))}");

        internal sealed record Receipt(string Number);

        internal sealed class Till(string name) : IDisposable
        {
            public override string ToString() => name;

            public void Dispose()
            {
            }
        }

        internal sealed class Shop(string place)
        {
            [Flow]
            internal async Task Sell(Till till)
            {
                await Hand(3, till);
                await Fail();
            }

            [Step(Undo = nameof(TakeBack))]
            private async Task Hand(int price, Till till)
            {
                await Task.Yield();
                Script.Say($"{place} sells with {till}");
            }

            [Step]
            private void TakeBack(Till till, int price) => Script.Say($"{place} takes back with {till} for {price}");
        }
    }
}
