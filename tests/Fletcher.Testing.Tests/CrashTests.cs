using Fletcher.Model;

namespace Fletcher.Testing.Tests;

/// <summary>A process that dies where the test wants it, and another one that goes on.</summary>
public sealed class CrashTests
{
    public static TheoryData<bool> Stores => [false, true];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Before_a_step_nothing_says_that_it_was_about_to_begin(bool sqlite)
    {
        await using var test = Start(sqlite);
        var orders = new Orders();
        test.CrashBefore("Charge");

        var crashed = await test.RunAsync(() => orders.Charges());
        crashed.ShouldHaveCrashed().ShouldNotHaveCalled("Charge");
        Assert.Equal(FlowRunState.Running, crashed.State);
        await test.RestartAsync();
        var run = await test.RunAsync(() => orders.Charges());

        run.ShouldComplete().StepsOf("Put")[0].ShouldBeReused().ShouldNotHaveRun();
        run.Step("Charge").ShouldHaveRun();
        Assert.Equal(crashed.Id, run.Id);
        Assert.Equal(["put 1", "charged 10", "put 2"], orders.Effects.Lines);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Inside_a_step_its_code_has_run_and_nothing_says_so(bool sqlite)
    {
        await using var test = Start(sqlite);
        var orders = new Orders();
        test.CrashInside("Append");

        (await test.RunAsync(() => orders.Careless())).ShouldHaveCrashed();
        await test.RestartAsync();
        var run = await test.RunAsync(() => orders.Careless());

        run.ShouldComplete().Step("Append").ShouldHaveRun();
        Assert.Equal(["put 1", "sent", "sent"], orders.Effects.Lines);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Inside_an_at_most_once_step_it_is_in_doubt(bool sqlite)
    {
        await using var test = Start(sqlite);
        var orders = new Orders();
        test.CrashInside("Charge");

        var crashed = await test.RunAsync(() => orders.Charges());
        crashed.ShouldHaveCrashed().Step("Charge").ShouldBe(StepRunState.Running);
        await test.RestartAsync();
        var run = await test.RunAsync(() => orders.Charges());

        run.ShouldFail<StepUnknownException>();
        run.Step("Charge").ShouldBe(StepRunState.Unknown).ShouldNotHaveRun();
        Assert.Equal(1, orders.Effects.Count("charged 10"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task After_the_commit_of_a_step_it_is_remembered(bool sqlite)
    {
        await using var test = Start(sqlite);
        var orders = new Orders();
        var crash = test.CrashAfterCommit("Append");

        var crashed = await test.RunAsync(() => orders.Careless());
        await test.RestartAsync();
        crash.ShouldHaveStruck();

        // Nothing is left to do, or one commit; it depends on which records were committed together.
        Assert.Equal(StepRunState.Completed, crashed.Step("Append").State);
        Assert.Equal(["put 1", "sent"], orders.Effects.Lines);
        if (crashed.State != FlowRunState.Completed)
            (await test.RunAsync(() => orders.Careless())).ShouldComplete().Step("Append").ShouldBeReused();
        Assert.Equal(["put 1", "sent"], orders.Effects.Lines);
    }

    [Fact]
    public async Task Code_of_a_dead_process_does_not_go_on()
    {
        await using var test = FlowTest.Start();
        var orders = new Orders();
        test.CrashInside("Put", call: 2);

        (await test.RunAsync(() => orders.Cleans())).ShouldHaveCrashed();
        await test.RestartAsync();
        Assert.Empty(orders.Notes.Lines);

        (await test.RunAsync(() => orders.Cleans())).ShouldComplete();
        Assert.Equal(["finally"], orders.Notes.Lines);
    }

    [Fact]
    public async Task A_flow_that_blocks_its_thread_dies_too()
    {
        await using var test = FlowTest.Start();
        var orders = new Orders();
        test.CrashInside("Plain", call: 2);

        (await test.RunAsync(() => orders.Blocking(1))).ShouldHaveCrashed();
        await test.RestartAsync();
        var run = await test.RunAsync(() => orders.Blocking(1));

        Assert.Equal(3, run.ShouldComplete().Result);
        Assert.Equal([true, false], run.StepsOf("Plain").Select(step => step.IsReused));
    }

    [Fact]
    public async Task A_crash_during_a_backoff_of_days_keeps_its_time()
    {
        await using var test = FlowTest.Start();
        test.Time.SkipsWaits = false;
        test.Fail("Work", () => new HttpRequestException("busy"), attempt: 1);
        var sleeper = new TimeTests.Sleeper();
        var lost = test.RunAsync(() => sleeper.Works());
        await sleeper.Resting(test).WithinLimit();
        test.Time.Advance(TimeSpan.FromDays(1));

        await test.CrashAsync();
        (await lost).ShouldHaveCrashed();
        await test.RestartAsync();
        test.Time.SkipsWaits = true;
        var run = await test.RunAsync(() => sleeper.Works());

        run.ShouldComplete().Step("Work").ShouldHaveAttempts(2);
        Assert.Equal(TimeSpan.FromDays(2), test.Time.GetUtcNow() - test.Time.Start);
    }

    [Fact]
    public async Task What_a_step_has_begun_when_its_process_dies_runs_to_its_end()
    {
        await using var test = FlowTest.Start();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sleeper = new TimeTests.Sleeper { Gate = gate.Task };
        var lost = test.RunAsync(() => sleeper.Both());
        await sleeper.LimitedBegan.Task.WithinLimit();

        var crash = test.CrashAsync();
        for (var i = 0; i < 10; i++)
            await Settling.WaitAsync();
        Assert.False(crash.IsCompleted);
        gate.SetResult();

        await crash.WithinLimit();
        Assert.Contains("the test said so", Assert.IsType<ProcessDiedException>((await lost).Error).Message, StringComparison.Ordinal);
        await test.RestartAsync();
        (await test.RunAsync(() => sleeper.Both())).ShouldComplete().Step("Limited").ShouldHaveRun();
    }

    [Fact]
    public async Task A_process_that_died_is_to_be_restarted_first()
    {
        await using var test = FlowTest.Start();
        await test.CrashAsync();

        Assert.True(test.HasCrashed);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => test.RunAsync(() => new Orders().Sequence(1)));
        Assert.Contains("RestartAsync", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_lives_can_be_restarted_too()
    {
        await using var test = FlowTest.Start(o => o.UseSqlite());
        var orders = new Orders();
        (await test.RunAsync(() => orders.OnlyOnce("a"))).ShouldComplete();

        await test.RestartAsync();
        var again = await test.RunAsync(() => orders.OnlyOnce("a"));

        Assert.Equal(3, again.ShouldComplete().Result);
        Assert.Equal(["a"], orders.Notes.Lines);
        Assert.All(again.Steps, step => step.ShouldNotHaveRun());
    }

    private static FlowTestHost Start(bool sqlite) => FlowTest.Start(o => _ = sqlite ? o.UseSqlite() : o.UseMemory());
}
