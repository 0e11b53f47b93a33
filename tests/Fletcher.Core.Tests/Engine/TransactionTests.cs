using Fletcher.Model;

namespace Fletcher.Engine.Tests;

/// <summary>Flow.Transaction: its steps are undone before it throws, and what has completed stands.</summary>
public sealed class TransactionTests
{
    [Fact]
    public async Task A_failure_undoes_the_steps_inside_and_nothing_else_and_then_throws()
    {
        await using var host = Start();

        await host.Run(() => Work.Books());

        Assert.Equal(["do 1", "do 2", "do 3", "fail", "undo 3", "undo 2", "caught IOException: no room", "do 4"], Work.Script.Lines);
        Assert.Contains("2 steps were undone", Work.Caught!.Message, StringComparison.Ordinal);
        Assert.Equal(FlowRunState.Completed, (await host.OnlyRun()).State);
        var transaction = await host.Step("Flow.Transaction");
        Assert.Equal((StepRunState.Failed, "2 steps were undone"), (transaction.State, transaction.Reason));
        var steps = await host.Steps();
        Assert.All(steps.Where(s => s.ParentSequence == transaction.Sequence && s.State == StepRunState.Completed && s.Undoes == 0), s => Assert.True(s.Discarded));
        Assert.Equal(2, steps.Count(s => s is { State: StepRunState.NotRun, Undoes: not 0 }));
    }

    [Fact]
    public async Task A_transaction_that_has_completed_stands_when_the_run_fails()
    {
        await using var host = Start();

        await Assert.ThrowsAsync<IOException>(() => host.Run(() => Work.Stands()));

        Assert.Equal(["do 1", "do 2", "fail", "undo 1"], Work.Script.Lines);
        var run = await host.OnlyRun();
        Assert.Equal((FlowRunState.Failed, "1 step was undone"), (run.State, run.Reason));
        Assert.Equal("the transaction completed", (await host.Steps()).Single(s => s.State == StepRunState.NotRun).Reason);
    }

    [Fact]
    public async Task An_inner_transaction_that_has_completed_is_undone_with_the_outer_one()
    {
        await using var host = Start();

        await Assert.ThrowsAsync<TransactionFailedException>(() => host.Run(() => Work.Inner()));

        Assert.Equal(["do 1", "do 2", "do 3", "fail", "undo 3", "undo 2", "undo 1"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_sub_flow_that_has_completed_is_undone_with_the_transaction_that_called_it()
    {
        await using var host = Start();

        await Assert.ThrowsAsync<TransactionFailedException>(() => host.Run(() => Work.CallsFlow()));

        Assert.Equal(["do 1", "do 5", "fail", "undo 5", "undo 1"], Work.Script.Lines);
        var child = (await host.Runs()).Single(r => r.ParentRunId is not null);
        Assert.Equal((FlowRunState.Cancelled, "what it did was undone"), (child.State, child.Reason));
        Assert.Contains(await host.Steps(child.Id), step => step.Discarded);
    }

    [Fact]
    public async Task The_steps_inside_are_awaited_before_anything_is_undone()
    {
        await using var host = Start();
        Work.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var run = host.Run(() => Work.LeavesOne());
        await Work.Thrown.Task.WithinLimit();
        Assert.DoesNotContain("undo 1", Work.Script.Lines);
        Work.Hold.SetResult();
        await Assert.ThrowsAsync<TransactionFailedException>(() => run);

        Assert.Equal(["do 1", "held 2", "undo 2", "undo 1"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_step_inside_that_nobody_awaited_and_that_failed_fails_the_transaction()
    {
        await using var host = Start();

        var error = await Assert.ThrowsAsync<TransactionFailedException>(() => host.Run(() => Work.ForgetsOne()));

        Assert.IsType<IOException>(error.InnerException);
        Assert.Equal("undo 1", Work.Script.Lines[^1]);
    }

    [Fact]
    public async Task A_cancelled_run_undoes_the_transaction_it_is_in_and_throws_the_cancellation()
    {
        await using var host = Start();
        using var caller = new CancellationTokenSource();
        Work.Caller = caller;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Run(() => Work.Cancels(caller.Token)));

        Assert.Equal(["do 1", "do 2", "undo 2", "caught OperationCanceledException", "undo 1"], Work.Script.Lines);
        Assert.Equal((FlowRunState.Cancelled, StepRunState.Cancelled), ((await host.OnlyRun()).State, (await host.Step("Flow.Transaction")).State));
    }

    [Fact]
    public async Task A_retry_of_the_flow_executes_the_transaction_anew()
    {
        await using var host = Start();
        Work.Failures = 1;

        await host.Run(() => Work.Retried());

        Assert.Equal(["do 1", "fail", "undo 1", "do 1", "fail"], Work.Script.Lines);
        Assert.Equal(
            [(StepRunState.Failed, true), (StepRunState.Completed, false)],
            (await host.Steps()).Where(s => s.Step.Name == "Flow.Transaction").Select(s => (s.State, s.Discarded)));
    }

    [Fact]
    public async Task A_retry_of_the_step_around_it_executes_the_transaction_anew()
    {
        await using var host = Start();
        Work.Failures = 1;

        await host.Run(() => Work.StepRetried());

        Assert.Equal(["do 1", "fail", "undo 1", "do 1", "fail"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_retry_that_is_asked_for_executes_the_transaction_anew()
    {
        var store = new SurvivingStore();
        RunId id;
        await using (var first = Start(store))
        {
            await Assert.ThrowsAsync<TransactionFailedException>(() => first.Run(() => Work.Inner()));
            id = (await first.OnlyRun()).Id;
        }

        Work.Start();
        Work.Failures = 0;
        await using var again = new TestHost(store.Reopen(), null, o => o.Retry = id);
        await again.Run(() => Work.Inner());

        Assert.Equal(["do 1", "do 2", "do 3", "fail"], Work.Script.Lines);
    }

    [Fact]
    public async Task An_execution_that_continues_the_run_is_told_the_failure_and_does_not_execute_the_code()
    {
        var store = new SurvivingStore();
        var host = Start(store);
        Work.Inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lost = host.Host.RunAsync(() => Work.GoesOn());
        await Work.Inside.Task.WithinLimit();
        store.Kill();
        Work.Hold.SetResult();
        await store.End(host, lost);
        Work.Start();

        await using var next = new TestHost(store.Reopen());
        await next.Run(() => Work.GoesOn());

        Assert.Equal(["caught EarlierFailureException: FLT1306: System.IO.IOException: no room", "held 9"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_run_that_waits_inside_a_transaction_is_parked_and_goes_on_there()
    {
        var clock = new TestClock();
        var store = new SurvivingStore(clock);
        Work.Start();
        var watcher = new Watcher();
        await using var host = new TestHost(store, clock, o =>
        {
            o.ParkAfter = TimeSpan.FromMinutes(1);
            o.Observers.Add(watcher);
        });

        var run = host.Run(() => Work.Waits());
        await clock.Armed(TimeSpan.FromDays(1)).WithinLimit();
        clock.Advance(TimeSpan.FromMinutes(2));
        await watcher.Run(changed => changed.State == FlowRunState.Waiting);
        Assert.Equal(FlowRunState.Waiting, (await host.OnlyRun()).State);
        clock.Advance(TimeSpan.FromDays(1));
        await Assert.ThrowsAsync<TransactionFailedException>(() => run).WithinLimit();

        Assert.Equal(["do 1", "fail", "undo 1"], Work.Script.Lines);
    }

    [Fact]
    public async Task An_undo_that_fails_in_a_transaction_ends_the_run_and_a_retry_goes_on_with_it()
    {
        var store = new SurvivingStore();
        RunId id;
        await using (var first = Start(store))
        {
            Work.FailingUndos = 1;
            var error = await Assert.ThrowsAsync<UndoFailedException>(() => first.Run(() => Work.Inner()));
            Assert.IsType<IOException>(error.Original);
            Assert.IsType<TimeoutException>(error.UndoError);
            var failed = await first.OnlyRun();
            id = failed.Id;
            Assert.Equal((FlowRunState.Failed, true), (failed.State, failed.IsUndoing));
            Assert.Equal(["do 1", "do 2", "do 3", "fail"], Work.Script.Lines);
        }

        Work.Start();
        Work.Failures = 0;
        await using var again = new TestHost(store.Reopen(), null, o => o.Retry = id);
        await again.Run(() => Work.Inner());

        Assert.Equal(["undo 3", "undo 2", "undo 1", "do 1", "do 2", "do 3", "fail"], Work.Script.Lines);
        Assert.Equal((FlowRunState.Completed, false), await again.OnlyRun() is var run ? (run.State, run.IsUndoing) : default);
    }

    [Fact]
    public async Task Outside_a_flow_the_code_runs_and_nothing_is_undone()
    {
        Work.Start();

        await Assert.ThrowsAsync<IOException>(() => Flow.Transaction(async () =>
        {
            await Work.Do(1);
            await Work.Fail();
        }));
        Assert.Equal(5, await Flow.Transaction(() => Task.FromResult(5)));

        Assert.Equal(["do 1", "fail"], Work.Script.Lines);
    }

    [Fact]
    public async Task A_transaction_returns_what_its_code_returns_also_when_it_is_executed_again()
    {
        await using var host = Start();
        Work.Failures = 1;

        Assert.Equal(12, await host.Run(() => Work.Returns()));

        Assert.Equal(["do 1", "fail", "fail"], Work.Script.Lines);
    }

    private static TestHost Start(SurvivingStore? store = null)
    {
        Work.Start();
        return store is null ? TestHost.InMemory() : new TestHost(store);
    }

    internal static class Work
    {
        private static int _failures;
        private static int _failedUndos;

        internal static Script Script { get; } = new();

        internal static int Failures { get; set; }

        internal static int FailingUndos { get; set; }

        internal static TransactionFailedException? Caught { get; private set; }

        internal static CancellationTokenSource? Caller { get; set; }

        internal static TaskCompletionSource? Hold { get; set; }

        internal static TaskCompletionSource? Inside { get; set; }

        internal static TaskCompletionSource Thrown { get; private set; } = new();

        internal static void Start()
        {
            Script.Clear();
            (Failures, _failures, FailingUndos, _failedUndos) = (int.MaxValue, 0, 0, 0);
            (Hold, Inside) = (null, null);
            Thrown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        [Flow]
        internal static async Task Books()
        {
            await Do(1);
            try
            {
                await Flow.Transaction(async () =>
                {
                    await Do(2);
                    await Do(3);
                    await Fail();
                });
            }
            catch (TransactionFailedException e)
            {
                Caught = e;
                Script.Say($"caught {e.InnerException!.GetType().Name}: {e.InnerException.Message}");
            }

            await Do(4);
        }

        [Flow]
        internal static async Task Stands()
        {
            await Do(1);
            await Flow.Transaction(() => Do(2));
            await Fail();
        }

        [Flow]
        internal static async Task Inner() => await Flow.Transaction(async () =>
        {
            await Do(1);
            await Flow.Transaction(() => Do(2));
            await Do(3);
            await Fail();
        });

        [Flow]
        internal static async Task CallsFlow() => await Flow.Transaction(async () =>
        {
            await Do(1);
            await Called();
            await Fail();
        });

        [Flow]
        internal static async Task Called() => await Flow.Transaction(() => Do(5));

        [Flow]
        internal static async Task LeavesOne() => await Flow.Transaction(async () =>
        {
            await Do(1);
            var left = Held(2);
            _ = left;
            Thrown.SetResult();
            throw new InvalidOperationException("no");
        });

        [Flow]
        internal static async Task ForgetsOne() => await Flow.Transaction(async () =>
        {
            await Do(1);
            var left = Fail();
            _ = left;
        });

        [Flow]
        internal static async Task Cancels(CancellationToken cancellationToken)
        {
            await Do(1);
            try
            {
                await Flow.Transaction(async () =>
                {
                    await Do(2);
                    await Caller!.CancelAsync();
                    await Do(3);
                });
            }
            catch (OperationCanceledException e)
            {
                Script.Say($"caught {e.GetType().Name}");
                throw;
            }

            _ = cancellationToken;
        }

        [Flow(Retries = 1)]
        internal static async Task Retried() => await Flow.Transaction(async () =>
        {
            await Do(1);
            await Fail();
        });

        [Flow]
        internal static async Task StepRetried() => await Around();

        [Step(Retries = 1)]
        internal static async Task Around()
        {
            try
            {
                await Flow.Transaction(async () =>
                {
                    await Do(1);
                    await Fail();
                });
            }
            catch (TransactionFailedException e)
            {
                throw new IOException("once more", e);
            }
        }

        [Flow]
        internal static async Task GoesOn()
        {
            try
            {
                await Flow.Transaction(async () =>
                {
                    await Do(1);
                    await Fail();
                });
            }
            catch (TransactionFailedException e)
            {
                Script.Say($"caught {e.InnerException!.GetType().Name}: {e.InnerException.Message}");
            }

            await Held(9);
        }

        [Flow]
        internal static async Task Waits() => await Flow.Transaction(async () =>
        {
            await Do(1);
            await Flow.Sleep(TimeSpan.FromDays(1));
            await Fail();
        });

        [Flow(Retries = 1)]
        internal static async Task<int> Returns()
        {
            var value = await Flow.Transaction(async () =>
            {
                await Do(1);
                return 12;
            });
            await Fail();
            return value;
        }

        [Step(Undo = nameof(Undo))]
        internal static async Task Do(int n)
        {
            await Task.Yield();
            Script.Say($"do {n}");
        }

        [Step(Undo = nameof(Undo))]
        internal static async Task Held(int n)
        {
            Inside?.TrySetResult();
            if (Hold is { } hold)
                await hold.Task;
            Script.Say($"held {n}");
        }

        [Step]
        internal static void Undo(int n)
        {
            if (_failedUndos++ < FailingUndos)
                throw new TimeoutException("the bank is closed");
            Script.Say($"undo {n}");
        }

        [Step]
        internal static Task Fail()
        {
            Script.Say("fail");
            return _failures++ < Failures ? Task.FromException(new IOException("no room")) : Task.CompletedTask;
        }
    }
}
