using Fletcher.Model;

namespace Fletcher.Testing.Tests;

/// <summary>What a test makes go wrong, goes wrong there and nowhere else.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData("Put")]
    [InlineData("Orders.Put")]
    public async Task A_step_fails_at_the_call_that_was_meant(string name)
    {
        await using var test = FlowTest.Start();
        var orders = new Orders();
        var fault = test.Fail(name, () => new IOException("full"), call: 2);

        var run = await test.RunAsync(() => orders.Sequence(3));

        Assert.Equal("full", run.ShouldFail<IOException>().Message);
        Assert.Equal(["put 1"], orders.Effects.Lines);
        Assert.Equal([StepRunState.Completed, StepRunState.Failed], run.StepsOf("Put").Select(step => step.State));
        Assert.Equal([1, 0], run.StepsOf("Put").Select(step => step.Runs));
        Assert.Equal(1, fault.Count);
        fault.ShouldHaveStruck();
    }

    [Fact]
    public async Task A_step_fails_for_the_inputs_that_were_meant()
    {
        await using var test = FlowTest.Start();
        test.Fail("Put", () => new IOException("full"), inputs: inputs => inputs.Get<int>("n") == 102);

        var run = await test.RunAsync(() => new Orders().Fan(4));

        run.ShouldFail<IOException>();
        Assert.Equal("""{"n":102}""", System.Text.Encoding.UTF8.GetString(Assert.Single(run.StepsOf("Put"), step => step.State == StepRunState.Failed).Record.Inputs!));
    }

    [Fact]
    public async Task An_input_that_is_not_there_is_a_mistake_that_says_which_are()
    {
        await using var test = FlowTest.Start();
        test.Fail("Put", () => new IOException("full"), inputs: inputs => inputs.Get<int>("amount") == 2);

        var error = (await test.RunAsync(() => new Orders().Sequence(1))).ShouldFail<ArgumentException>();

        Assert.Contains("no input 'amount'. It has: n.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_times_out_without_a_limit_of_its_own()
    {
        await using var test = FlowTest.Start();
        test.TimeOut("Unsteady", attempt: 1);

        var run = await test.RunAsync(() => new Orders().Patient());

        run.ShouldComplete().Step("Unsteady").ShouldHaveAttempts(2).ShouldHaveRun(1);
        Assert.Contains(run.Ledger, entry => entry.Reason.Contains("StepTimeoutException", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_is_cancelled_while_a_step_runs()
    {
        await using var test = FlowTest.Start();
        test.Cancel("Put", call: 2);

        var run = await test.RunAsync(() => new Orders().Sequence(3));

        run.ShouldFail<OperationCanceledException>();
        Assert.Equal(FlowRunState.Cancelled, run.State);
        Assert.Equal("cancelled by test: the test asked it to stop", run.Record!.Reason);
    }

    [Fact]
    public async Task A_fault_that_was_ended_does_not_strike()
    {
        await using var test = FlowTest.Start();
        var fault = test.Fail("Put", () => new IOException("full"));
        fault.Dispose();

        (await test.RunAsync(() => new Orders().Sequence(1))).ShouldComplete();

        var error = Assert.Throws<FlowAssertException>(fault.ShouldHaveStruck);
        Assert.Contains("never struck: an exception in 'Put'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_refuses_writes_is_told_and_the_run_is_continued_when_it_takes_them()
    {
        await using var test = FlowTest.Start();
        var orders = new Orders();
        using (var refusal = test.StoreRefusesWrites())
        {
            var refused = await test.RunAsync(() => orders.Sequence(2));
            refused.ShouldFail<StoreUnavailableException>();
            Assert.Empty(refused.Steps);
            refusal.ShouldHaveStruck();
        }

        (await test.RunAsync(() => orders.Sequence(2))).ShouldComplete();
    }

    [Fact]
    public async Task A_store_takes_writes_again_when_its_time_is_up()
    {
        await using var test = FlowTest.Start();
        test.StoreRefusesWrites(TimeSpan.FromSeconds(3));
        (await test.RunAsync(() => new Orders().Sequence(1))).ShouldFail<StoreUnavailableException>();

        test.Time.Advance(TimeSpan.FromSeconds(3));

        (await test.RunAsync(() => new Orders().Sequence(1))).ShouldComplete();
    }

    [Fact]
    public void A_number_of_a_call_begins_with_one()
    {
        var test = FlowTest.Start();

        Assert.Equal("call", Assert.Throws<ArgumentOutOfRangeException>(() => test.Fail("Put", () => new IOException(), call: 0)).ParamName);
        Assert.Equal("attempt", Assert.Throws<ArgumentOutOfRangeException>(() => test.TimeOut("Put", attempt: 0)).ParamName);
        Assert.Equal("times", Assert.Throws<ArgumentOutOfRangeException>(() => test.TimeOut("Put", times: 0)).ParamName);
        Assert.Equal("duration", Assert.Throws<ArgumentOutOfRangeException>(() => test.StoreRefusesWrites(TimeSpan.Zero)).ParamName);
    }
}
