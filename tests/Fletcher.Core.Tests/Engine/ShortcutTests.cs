using System.Net;
using Fletcher.Model;
using Fletcher.Runtime;

namespace Fletcher.Engine.Tests;

/// <summary>Ways not to run a step (cache, target), and how long a callee asks to wait.</summary>
public sealed class ShortcutTests
{
    [Fact]
    public async Task A_cached_result_answers_in_later_runs_until_it_is_too_old()
    {
        var clock = new TestClock();
        await using var host = TestHost.InMemory(clock);
        Work.Ran = 0;

        Assert.Equal(1, await host.Run(() => Work.Looks("a")));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await host.Run(() => Work.Looks("a")));
        Assert.Equal(2, await host.Run(() => Work.Looks("b")));
        clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(3, await host.Run(() => Work.Looks("a")));

        var runs = (await host.Runs()).OrderBy(r => r.CreatedAt).ToList();
        var states = new List<StepRunState>();
        var reasons = new List<string>();
        foreach (var run in runs)
        {
            states.Add(Assert.Single(await host.Steps(run.Id)).State);
            reasons.AddRange((await host.Store.GetLedgerAsync(run.Id, TestContext.Current.CancellationToken)).Select(e => e.Reason));
        }

        Assert.Equal(3, states.Count(s => s == StepRunState.Completed));
        Assert.Equal(1, states.Count(s => s == StepRunState.Cached));
        Assert.Equal(2, reasons.Count(r => r.EndsWith("no run had these inputs", StringComparison.Ordinal)));
        Assert.Single(reasons, r => r.EndsWith("is older than 24h", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_target_that_exists_skips_its_step_and_one_that_is_gone_lets_it_run_again()
    {
        var folder = Directory.CreateTempSubdirectory("fletcher");
        var path = Path.Combine(folder.FullName, "out.txt");
        var store = new SurvivingStore();
        Work.Ran = 0;
        Work.Fails = true;
        try
        {
            await File.WriteAllTextAsync(path, "there", TestContext.Current.CancellationToken);
            await using (var first = new TestHost(store))
                await Assert.ThrowsAsync<IOException>(() => first.Run(() => Work.Builds(path)));
            Assert.Equal(0, Work.Ran);

            File.Delete(path);
            await using (var second = new TestHost(store.Reopen()))
                await Assert.ThrowsAsync<IOException>(() => second.Run(() => Work.Builds(path)));
            Assert.Equal(1, Work.Ran);

            Work.Fails = false;
            await using var host = new TestHost(store.Reopen());
            await host.Run(() => Work.Builds(path));
            Assert.Equal(1, Work.Ran);
            Assert.Equal(StepRunState.Completed, (await host.Step("Build")).State);
        }
        finally
        {
            folder.Delete(true);
        }
    }

    [Fact]
    public async Task A_step_that_does_not_make_its_target_has_failed()
    {
        await using var host = TestHost.InMemory();

        var error = await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Work.Forgets("/nowhere/at all")));

        Assert.Equal("FLT1206", error.Id);
        Assert.Contains("/nowhere/at all", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_callee_may_ask_for_a_longer_wait_in_any_form()
    {
        var now = new DateTimeOffset(2026, 10, 1, 12, 0, 0, TimeSpan.Zero);
        var policy = new StepPolicy(new StepDefinition { Id = "s", Retries = 1, Backoff = "5s" });
        object[] forms = [TimeSpan.FromSeconds(60), now.AddSeconds(60), 60, "60", "Thu, 01 Oct 2026 12:01:00 GMT"];

        foreach (var form in forms)
        {
            var error = new IOException("outer", new HttpRequestException { Data = { ["Retry-After"] = form } });
            Assert.Equal(TimeSpan.FromSeconds(60), policy.Delay(error, 1, new Random(1), now));
        }

        Assert.Equal(TimeSpan.FromSeconds(90), policy.Delay(new RetryAfterException("later", TimeSpan.FromSeconds(90)), 1, new Random(1), now));
        Assert.Equal(TimeSpan.FromSeconds(5), policy.Delay(new RetryAfterException("now", TimeSpan.Zero), 1, new Random(1), now));
        Assert.Equal(TimeSpan.FromSeconds(5), policy.Delay(new IOException { Data = { ["Retry-After"] = "soon" } }, 1, new Random(1), now));
        Assert.True(now + policy.Delay(new RetryAfterException("never", TimeSpan.MaxValue), 1, new Random(1), now) > now);
    }

    [Fact]
    public void A_response_tells_how_long_to_wait()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter = new(TimeSpan.FromSeconds(17));

        var error = Assert.Throws<HttpRequestException>(() => response.EnsureSuccessOrRetryAfter());

        Assert.Equal(TimeSpan.FromSeconds(17), RetryAfter.Of(error, DateTimeOffset.UnixEpoch));
        Assert.Equal(HttpStatusCode.TooManyRequests, error.StatusCode);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.2)]
    [InlineData(1.0)]
    public void Jitter_moves_a_delay_within_its_bounds_and_uses_them(double jitter)
    {
        var policy = new StepPolicy(new StepDefinition { Id = "s", Retries = 9, Backoff = "exponential 1s x2 max 1m", Jitter = jitter });
        var random = new Random(42);
        var factors = Enumerable.Range(0, 5000)
            .Select(i => policy.Delay(new IOException(), 1 + (i % 9), random, default) / policy.Backoff.Delay(1 + (i % 9))).ToList();

        Assert.All(factors, f => Assert.InRange(f, 1 - jitter - 1e-9, 1 + jitter + 1e-9));
        Assert.True(factors.Max() - factors.Min() >= 1.9 * jitter);
    }

    internal static class Work
    {
        internal static int Ran { get; set; }

        internal static bool Fails { get; set; }

        [Flow]
        internal static Task<int> Looks(string key) => Look(key);

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task Builds(string path)
        {
            await Build(path);
            if (Fails)
                throw new IOException();
        }

        [Flow]
        internal static Task Forgets(string path) => Forget(path);

        [Step(Cache = "24h")]
        internal static async Task<int> Look(string key)
        {
            await Task.Yield();
            return ++Ran;
        }

        [Step(Target = "{path}")]
        internal static async Task Build(string path)
        {
            Ran++;
            await File.WriteAllTextAsync(path, "made");
        }

        [Step(Target = "{path}")]
        internal static async Task Forget(string path) => await Task.Yield();
    }
}
