using Fletcher.Testing;
using Xunit;

namespace Fletcher.Docs.Examples;

#region subject
public sealed class Checkout(Func<decimal, string> bank)
{
    [Flow]
    public async Task<string> Buy(string item)
    {
        var price = Price(item);
        return await Charge(price);
    }

    [Step]
    public decimal Price(string item) => item == "tea" ? 4.50m : throw new ArgumentException($"no such item: {item}");

    [Step(Retries = 3, Backoff = "1m")]
    public async Task<string> Charge(decimal amount)
    {
        await Task.Yield();
        return bank(amount);
    }
}
#endregion

public sealed class CheckoutTests
{
    #region plain
    [Fact]
    public void A_step_outside_a_flow_is_just_a_method()
    {
        var checkout = new Checkout(_ => "");

        Assert.Equal(4.50m, checkout.Price("tea"));
        Assert.Throws<ArgumentException>(() => checkout.Price("gold"));
    }
    #endregion

    #region flow
    [Fact]
    public async Task A_flow_runs_on_a_host_of_the_tests_own()
    {
        await using var test = FlowTest.Start();
        var checkout = new Checkout(amount => $"paid {amount}");

        var run = await test.RunAsync(() => checkout.Buy("tea"));

        Assert.Equal("paid 4.50", run.Result);
        run.Step("Charge").ShouldHaveRun();
    }
    #endregion

    #region failure
    [Fact]
    public async Task A_failed_flow_has_the_steps_own_exception()
    {
        await using var test = FlowTest.Start();
        var checkout = new Checkout(_ => "");

        var run = await test.RunAsync(() => checkout.Buy("gold"));

        Assert.Equal("no such item: gold", run.ShouldFail<ArgumentException>().Message);
        run.ShouldNotHaveCalled("Charge");
    }
    #endregion

    #region time
    [Fact]
    public async Task Retries_take_no_time()
    {
        await using var test = FlowTest.Start(o => o.StartTime = new(2026, 5, 1, 8, 0, 0, TimeSpan.Zero));
        test.Fail("Charge", () => new HttpRequestException("busy"), attempt: 1);
        test.Fail("Charge", () => new HttpRequestException("busy"), attempt: 2);

        var run = await test.RunAsync(() => new Checkout(_ => "paid").Buy("tea"));

        run.ShouldComplete().Step("Charge").ShouldHaveAttempts(3);
        Assert.Equal(new DateTimeOffset(2026, 5, 1, 8, 2, 0, TimeSpan.Zero), test.Time.GetUtcNow());
    }
    #endregion

    #region crash
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_price_that_was_found_is_not_looked_up_again(bool afterCommit)
    {
        await using var test = FlowTest.Start();
        var checkout = new Checkout(_ => "paid");
        _ = afterCommit ? test.CrashAfterCommit("Price") : test.CrashInside("Charge");

        (await test.RunAsync(() => checkout.Buy("tea"))).ShouldHaveCrashed();
        await test.RestartAsync();
        var run = await test.RunAsync(() => checkout.Buy("tea"));

        run.ShouldComplete().Step("Price").ShouldBeReused();
        run.Step("Charge").ShouldHaveRun();
    }
    #endregion

    #region store
    [Fact]
    public async Task A_store_that_is_full_ends_the_call_and_not_the_run()
    {
        await using var test = FlowTest.Start(o => o.UseSqlite());
        var checkout = new Checkout(_ => "paid");

        using (test.StoreRefusesWrites())
            (await test.RunAsync(() => checkout.Buy("tea"))).ShouldFail<StoreUnavailableException>();

        (await test.RunAsync(() => checkout.Buy("tea"))).ShouldComplete();
    }
    #endregion
}
