using Fletcher.Model;

namespace Fletcher.Testing.Tests;

/// <summary>Flows whose steps start under limits.</summary>
public sealed class LimitTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_wait_for_a_rate_is_skipped_like_any_other(bool sqlite)
    {
        await using var test = FlowTest.Start(options => Under(options, sqlite));

        var run = await test.RunAsync(() => Limited.Paced(5)).WithinLimit();

        run.ShouldComplete();
        Assert.Equal(TimeSpan.FromHours(4), test.Time.GetUtcNow() - test.Time.Start);
    }

    [Fact]
    public async Task A_breaker_that_opens_is_waited_for()
    {
        await using var test = FlowTest.Start(options => Under(options, false));
        test.Fail("Fragile", () => new HttpRequestException("down"), times: 3);

        var run = await test.RunAsync(() => Limited.Breaks()).WithinLimit();

        run.ShouldComplete().Step("Fragile").ShouldHaveAttempts(4);
        Assert.Equal(TimeSpan.FromMinutes(20), test.Time.GetUtcNow() - test.Time.Start); // open after the second failure, and again after the probe's
    }

    [Fact]
    public async Task A_flow_whose_steps_wait_for_each_other_survives_a_crash_at_every_point()
    {
        var result = await FlowTest.SurvivesCrashAtEveryPoint(
            () => Limited.Both(3), new CrashCheckOptions { Host = options => Under(options, false) }).WithinLimit();

        Assert.True(result.IsComplete);
    }

    private static void Under(FlowTestOptions options, bool sqlite)
    {
        if (sqlite)
            options.UseSqlite();
        options.Configure(host => host.Limits
            .Add("slot", 1)
            .Add("flow", 1)
            .AddRate("rate", 1, TimeSpan.FromHours(1), burst: 1)
            .AddBreaker("breaker", 2, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10)));
    }
}

internal static class Limited
{
    [Flow]
    internal static async Task<int> Paced(int count) => (await Task.WhenAll(Enumerable.Range(0, count).Select(i => Pace(i)))).Sum();

    [Flow]
    internal static async Task<int> Breaks() => await Fragile();

    [Flow(Limit = "flow")]
    internal static async Task<int> Both(int count)
    {
        var slots = await Task.WhenAll(Enumerable.Range(0, count).Select(i => Slot(i)));
        return slots.Sum() + await Pace(1) + await Pace(2);
    }

    [Step(Limit = "rate")]
    private static Task<int> Pace(int number) => Task.FromResult(number);

    [Step(Limit = "slot")]
    private static async Task<int> Slot(int number)
    {
        await Task.Yield();
        return number;
    }

    [Step(Limit = "breaker", Retries = 5)]
    private static Task<int> Fragile() => Task.FromResult(1);
}
