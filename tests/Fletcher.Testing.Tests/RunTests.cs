using Fletcher.Model;

namespace Fletcher.Testing.Tests;

/// <summary>What a test gets of a run, and what an assert that does not hold says.</summary>
public sealed class RunTests
{
    [Fact]
    public async Task A_run_has_its_result_its_steps_and_those_of_its_sub_flows()
    {
        await using var test = FlowTest.Start();

        var run = await test.RunAsync(() => new Orders().Parent());

        Assert.Equal(1 + 2 + 6 + 8, run.ShouldComplete().Result);
        Assert.Equal(FlowRunState.Completed, run.State);
        Assert.Equal(4, run.StepsOf("Put").Count);
        Assert.Equal(["Orders.Child", "Orders.Child"], run.StepsOf("Plain").Select(step => step.Flow));
        Assert.Equal("3", run.StepsOf("Plain").Select(step => step.ResultJson).Order(StringComparer.Ordinal).First());
    }

    [Fact]
    public async Task A_run_that_failed_does_not_throw_until_its_result_is_asked_for()
    {
        await using var test = FlowTest.Start();
        test.Fail("Put", () => new IOException("full"));

        var run = await test.RunAsync(() => new Orders().Sequence(2));

        Assert.Equal(OutcomeKind.Failed, run.Outcome.Kind);
        Assert.Same(run.Error, Assert.Throws<IOException>(() => run.Result));
        Assert.Same(run.Error, run.ShouldFail<IOException>());
        Assert.Equal("System.IO.IOException", run.Step("Put").Error!.Type);
    }

    [Fact]
    public async Task An_assert_that_does_not_hold_shows_the_steps()
    {
        await using var test = FlowTest.Start();
        test.Fail("Unsteady", () => new HttpRequestException("busy"), attempt: 1);
        var run = await test.RunAsync(() => new Orders().Patient());

        var error = Assert.Throws<FlowAssertException>(() => run.Step("Unsteady").ShouldHaveAttempts(1));

        Assert.Equal(
            """
            Expected step 'Orders.Unsteady' to have 1 attempts, but it has 2.
              #  step             state      attempts  in this call  error
              1  Orders.Unsteady  Completed  2         ran 1x
              2  Orders.Put       Completed  1         ran 1x
            """.ReplaceLineEndings("\n"),
            error.Message);
    }

    [Fact]
    public async Task Each_assert_fails_when_it_does_not_hold()
    {
        await using var test = FlowTest.Start();
        var run = await test.RunAsync(() => new Orders().Sequence(1));
        var put = run.Step("Put");

        Assert.Contains("to be Failed, but it is Completed", Failing(() => put.ShouldBe(StepRunState.Failed)), StringComparison.Ordinal);
        Assert.Contains("to have run twice, but it ran once", Failing(() => put.ShouldHaveRun(2)), StringComparison.Ordinal);
        Assert.Contains("not to have run, but it ran once", Failing(() => put.ShouldNotHaveRun()), StringComparison.Ordinal);
        Assert.Contains("to be answered from memory, but it ran once", Failing(() => put.ShouldBeReused()), StringComparison.Ordinal);
        Assert.Contains("to fail with IOException, but it ended Completed", Failing(() => run.ShouldFail<IOException>()), StringComparison.Ordinal);
        Assert.Contains("the process to die under the flow, but it ended Completed", Failing(() => run.ShouldHaveCrashed()), StringComparison.Ordinal);
        Assert.Contains("no step 'Put' is called", Failing(() => run.ShouldNotHaveCalled("Put")), StringComparison.Ordinal);
        Assert.Contains("one step run 'Charge', but there is none", Failing(() => run.Step("Charge")), StringComparison.Ordinal);
        put.ShouldBe(StepRunState.Completed).ShouldHaveRun().ShouldHaveAttempts(1);
        run.ShouldNotHaveCalled("Charge");
    }

    [Fact]
    public async Task A_name_that_several_step_runs_have_is_not_one()
    {
        await using var test = FlowTest.Start();
        var run = await test.RunAsync(() => new Orders().Sequence(2));

        Assert.Contains("there are 2", Failing(() => run.Step("Put")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_that_calls_no_flow_is_told_so()
    {
        await using var test = FlowTest.Start();

        var error = await Assert.ThrowsAsync<FlowAssertException>(() => test.RunAsync(() => Task.FromResult(1)));

        Assert.Contains("called no flow", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_that_throws_before_it_calls_a_flow_throws()
    {
        await using var test = FlowTest.Start();

        await Assert.ThrowsAsync<FormatException>(() => test.RunAsync(() => new Orders().Sequence(int.Parse("x", null))));
    }

    [Fact]
    public async Task Calls_side_by_side_have_their_own_runs()
    {
        await using var test = FlowTest.Start();

        var runs = await Task.WhenAll(Enumerable.Range(1, 8).Select(n => test.RunAsync(() => new Orders().Sequence(n))));

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], runs.Select(run => run.ShouldComplete().Steps.Count));
    }

    [Fact]
    public async Task A_flow_that_returns_nothing_and_one_that_blocks_are_called_alike()
    {
        await using var test = FlowTest.Start();

        (await test.RunAsync(() => new Orders().Careless())).ShouldComplete();
        Assert.Equal(3, (await test.RunAsync(() => new Orders().Blocking(1))).Result);
        (await test.RunAsync(() => { new Orders().Blocking(2); })).ShouldComplete();
    }

    [Fact]
    public async Task The_host_can_be_set_up_further()
    {
        await using var test = FlowTest.Start(o => o.Configure(host => host.CodeVersion = "7"));

        Assert.Equal("7", (await test.RunAsync(() => new Orders().Sequence(1))).Record!.CodeVersion);
    }

    [Fact]
    public async Task Logs_and_ledger_are_at_hand()
    {
        await using var test = FlowTest.Start();
        test.Fail("Told", () => new IOException("full"), attempt: 1);

        var run = await test.RunAsync(() => Talker.Talks());

        Assert.Equal(["heard"], run.Logs.Select(line => line.Message));
        Assert.Contains(run.Ledger, entry => entry.To == nameof(StepRunState.Retrying));
    }

    [Fact]
    public async Task A_temporary_file_is_gone_with_its_host()
    {
        string path;
        await using (var test = FlowTest.Start(o => o.UseSqlite()))
        {
            (await test.RunAsync(() => new Orders().Sequence(1))).ShouldComplete();
            path = test.Host.Store.Description["SQLite ".Length..];
            Assert.True(File.Exists(path), path);
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
    }

    private static string Failing(Action assert) => Assert.Throws<FlowAssertException>(assert).Message;

    internal static class Talker
    {
        [Flow]
        internal static async Task Talks() => await Told();

        [Step(Retries = 1)]
        internal static Task Told()
        {
            Microsoft.Extensions.Logging.LoggerExtensions.Log(Flow.Current.Logger, Microsoft.Extensions.Logging.LogLevel.Information, "heard");
            return Task.CompletedTask;
        }
    }
}
