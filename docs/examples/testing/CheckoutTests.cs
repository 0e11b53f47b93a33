using Fletcher.Hosting;
using Microsoft.Extensions.Time.Testing;
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
    public async Task A_flow_runs_on_a_host_in_memory()
    {
        await using var host = new FletcherHost(new FletcherOptions().UseMemory());
        var checkout = new Checkout(amount => $"paid {amount}");

        var answer = await host.RunAsync(() => checkout.Buy("tea"));

        Assert.Equal("paid 4.50", answer);
    }
    #endregion

    #region time
    [Fact]
    public async Task Retries_wait_on_the_hosts_clock()
    {
        var time = new FakeTimeProvider();
        await using var host = new FletcherHost(new FletcherOptions { Time = time }.UseMemory());
        var calls = 0;
        var checkout = new Checkout(_ => ++calls < 3 ? throw new HttpRequestException("busy") : "paid");

        var run = host.RunAsync(() => checkout.Buy("tea"));
        while (!run.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(1, TestContext.Current.CancellationToken); // lets the flow's own code run
        }

        Assert.Equal("paid", await run);
        Assert.Equal(3, calls);
    }
    #endregion

    #region failure
    [Fact]
    public async Task A_failed_flow_throws_the_steps_own_exception()
    {
        await using var host = new FletcherHost(new FletcherOptions().UseMemory());
        var checkout = new Checkout(_ => "");

        var error = await Assert.ThrowsAsync<ArgumentException>(() => host.RunAsync(() => checkout.Buy("gold")));

        Assert.Equal("no such item: gold", error.Message);
    }
    #endregion

    #region store
    [Fact]
    public async Task What_happened_can_be_read_from_the_store()
    {
        await using var host = new FletcherHost(new FletcherOptions().UseMemory());
        await host.RunAsync(() => new Checkout(_ => "paid").Buy("tea"));
        await host.FlushAsync();
        var stop = TestContext.Current.CancellationToken;

        var run = Assert.Single(await host.Store.GetFlowRunsAsync(new(), stop));
        var steps = await host.Store.GetStepRunsAsync(run.Id, stop).ToListAsync(stop);

        Assert.Equal("Checkout.Buy", run.Flow);
        Assert.Equal(["Checkout.Price", "Checkout.Charge"], steps.Select(step => step.Step.Name));
    }
    #endregion
}
