using Fletcher.Model;

namespace Fletcher.Testing.Tests;

/// <summary>Waits of a flow's own, with time that skips them.</summary>
public sealed class WaitTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sleep_of_years_passes_at_once(bool sqlite)
    {
        await using var test = FlowTest.Start(o => _ = sqlite ? o.UseSqlite() : o);

        (await test.RunAsync(() => new Waits().Sleeps()).WithinLimit()).ShouldComplete();

        Assert.Equal(TimeSpan.FromDays(800), test.Time.GetUtcNow() - test.Time.Start);
    }

    [Fact]
    public async Task A_signal_that_does_not_come_times_out_at_once()
    {
        await using var test = FlowTest.Start();

        var run = await test.RunAsync(() => new Waits().Paid()).WithinLimit();

        Assert.Equal("not paid", run.ShouldComplete().Result);
        Assert.Equal(TimeSpan.FromDays(30), test.Time.GetUtcNow() - test.Time.Start);
    }

    [Fact]
    public async Task A_signal_that_comes_ends_the_wait()
    {
        await using var test = FlowTest.Start();
        test.Time.SkipsWaits = false;
        var running = test.RunAsync(() => new Waits().Paid());
        var waiting = await WaitingAsync(test).WithinLimit();

        await test.Host.Client.SignalAsync(waiting, "paid", 7, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("paid 7", (await running.WithinLimit()).ShouldComplete().Result);
    }

    [Fact]
    public async Task A_run_that_is_parked_goes_on_when_its_time_has_come()
    {
        await using var test = FlowTest.Start();
        test.Time.SkipsWaits = false;
        var running = test.RunAsync(() => new Waits().Sleeps());
        await WaitingAsync(test).WithinLimit();

        // All that the run did for half a minute was to wait.
        test.Time.Advance(TimeSpan.FromMinutes(1));
        while ((await test.Reader.RootsAsync())[0].HostId is not null)
            await Task.Yield();
        test.Time.SkipsWaits = true;

        (await running.WithinLimit()).ShouldComplete();
        Assert.Equal(TimeSpan.FromDays(800), test.Time.GetUtcNow() - test.Time.Start);
    }

    [Fact]
    public async Task A_flow_that_waits_survives_a_crash_at_every_point()
    {
        var waits = new Waits();

        var result = await FlowTest.SurvivesCrashAtEveryPoint(
            () => waits.Everything(), new() { Arrange = waits.Journal.Clear, Effects = () => waits.Journal.Lines }).WithinLimit();

        Assert.True(result.IsComplete);
    }

    private static async Task<RunId> WaitingAsync(FlowTestHost test)
    {
        while (true)
        {
            foreach (var run in await test.Reader.RootsAsync())
            {
                await foreach (var step in test.Store.GetStepRunsAsync(run.Id, TestContext.Current.CancellationToken))
                {
                    if (step.State == StepRunState.Waiting)
                        return run.Id;
                }
            }

            await Task.Yield();
        }
    }

    internal sealed class Waits
    {
        internal Journal Journal { get; } = new();

        [Flow]
        internal async Task Sleeps() => await Flow.Sleep(TimeSpan.FromDays(800));

        [Flow]
        internal async Task<string> Paid()
        {
            var paid = await Flow.Try(() => Flow.WaitFor<int>("paid", TimeSpan.FromDays(30)));
            return paid.IsSuccess ? $"paid {paid.Value}" : "not paid";
        }

        [Flow]
        internal async Task<string> Everything()
        {
            await Put("begun");
            await Flow.Sleep(TimeSpan.FromDays(3));
            await Put("slept");
            var answer = await Paid();
            await Put(answer);
            return $"{answer} on day {Flow.Now.DayOfYear}";
        }

        [Step]
        internal async Task Put(string line)
        {
            await Task.Yield();
            if (Journal.Count(line) == 0)
                Journal.Say(line);
        }
    }
}
