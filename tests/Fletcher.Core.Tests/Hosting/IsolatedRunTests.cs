using Fletcher.Engine.Tests;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Testing;
using Microsoft.Extensions.Logging;

namespace Fletcher.Hosting.Tests;

/// <summary>What can be seen of processes for single runs without starting one; the rest is in tests/Fletcher.EndToEnd/Isolation.</summary>
public sealed class IsolatedRunTests
{
    private static readonly IsolatedRun Order = new(RunId.New(TimeProvider.System), 7, Guid.CreateVersion7(), Guid.CreateVersion7(), ProcessStart.Hook, true);

    [Theory]
    [InlineData("64 MiB", 67_108_864L)]
    [InlineData("1.5 GiB", 1_610_612_736L)]
    [InlineData(" 512MB ", 512_000_000L)]
    [InlineData("70000 kB", 70_000_000L)]
    public void A_size_of_memory_is_a_number_and_a_unit(string text, long bytes)
    {
        Assert.True(Fletcher.Engine.MemorySize.TryParse(text, out var read, out _));
        Assert.Equal(bytes, read);
    }

    [Fact]
    public void What_a_process_is_told_it_understands()
    {
        var environment = new Dictionary<string, string?> { ["DOTNET_STARTUP_HOOKS"] = "Other", ["FLETCHER_RETRY"] = "x" };

        Order.Write(environment, 100 * 1024 * 1024);

        Assert.Equal(Order, IsolatedRun.Read(environment["FLETCHER_ISOLATED_RUN"], ProcessStart.Hook));
        Assert.Null(IsolatedRun.Read(environment["FLETCHER_ISOLATED_RUN"], ProcessStart.Main));
        Assert.Equal($"Other{Path.PathSeparator}Fletcher", environment["DOTNET_STARTUP_HOOKS"]);
        Assert.Equal("4B00000", environment["DOTNET_GCHeapHardLimit"]); // three quarters
        Assert.Equal("off", environment["FLETCHER_CONSOLE"]);
        Assert.DoesNotContain("FLETCHER_RETRY", environment);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void A_process_that_nobody_told_anything_is_one_as_all(string? text) => Assert.Null(IsolatedRun.Read(text, ProcessStart.Hook));

    [Theory]
    [InlineData("yes")]
    [InlineData("01m84qs5p0f9y9ns5w8gmwntqx 1 2 3 hook due")]
    public void What_no_host_says_is_refused(string text)
    {
        var error = Assert.Throws<FletcherUsageException>(() => IsolatedRun.Read(text, ProcessStart.Hook));

        Assert.Equal("FLT1432", error.Id);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_made_by_hand_refuses_to_begin_a_run_that_needs_a_process()
    {
        await using var host = TestHost.InMemory();

        var called = await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(() => Apart(1)));
        var started = await Assert.ThrowsAsync<FletcherUsageException>(() => host.Run(async () => (await Flow.Start(() => Apart(1))).ToString()));

        Assert.Equal(("FLT1430", "FLT1430"), (called.Id, started.Id));
        Assert.Contains("'IsolatedRunTests.Apart'", called.Message, StringComparison.Ordinal);
        Assert.Empty(await host.Runs());
    }

    [Fact]
    public async Task A_host_made_by_hand_that_takes_such_a_run_says_why_it_cannot_execute_it()
    {
        var store = new SurvivingStore();
        await using var host = new TestHost(store, configure: options =>
        {
            options.TakesRuns = true;
            options.FlowAssemblies.Add(typeof(IsolatedRunTests).Assembly);
        });
        await host.Host.StartAsync(TestContext.Current.CancellationToken);
        var run = new FlowRunRecord
        {
            Id = RunId.New(TimeProvider.System),
            Flow = "IsolatedRunTests.Apart",
            State = FlowRunState.Queued,
            Parameters = """{"x":1}"""u8.ToArray(),
            ParametersHash = default,
            RootRunId = default,
            WakeAt = FlowRunRecord.AtOnce,
        };
        var batch = new WriteBatch();
        batch.FlowRuns.Add(run with { RootRunId = run.Id });
        await store.WriteAsync(batch, TestContext.Current.CancellationToken);

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!host.Seen.IsAny(seen => seen.State == FlowRunState.Failed))
            await Task.Delay(TimeSpan.FromMilliseconds(10), limit.Token);

        Assert.Contains("FLT1430", (await host.OnlyRun()).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_test_with_simulated_processes_it_runs_in_the_tests_own()
    {
        await using var test = FlowTest.Start();

        var run = await test.RunAsync(() => Apart(2));

        Assert.Equal(Environment.ProcessId + 2, run.Result);
    }

    [Fact]
    public async Task Of_a_process_that_died_only_those_lines_are_written_that_it_had_not()
    {
        await using var host = TestHost.InMemory();
        await host.Run(async () => await Plain());
        var run = await host.OnlyRun();
        var batch = new WriteBatch();
        batch.Logs.Add(Line(run, "once"));
        batch.Logs.Add(Line(run, "twice"));
        await host.Store.WriteAsync(batch, TestContext.Current.CancellationToken);
        var output = new ProcessOutput(host.Host, run);
        using var said = new StreamReader(new MemoryStream("\u00010 1 once\n\u00010 1 twice\n\u00010 1 twice\nraw\n\u00010 x no mark of ours\n\u00010 1 never"u8.ToArray()));

        await output.ReadAsync(said, false);
        await output.KeepAsync();
        await output.KeepLostAsync();

        Assert.Equal(["\u00010 x no mark of ours", "never", "once", "raw", "twice", "twice"], (await host.Logs()).Select(line => line.Message).Order(StringComparer.Ordinal));
    }

    [Flow(Isolation = Isolation.Process)]
    private static async Task<int> Apart(int x)
    {
        await Task.Yield();
        return Environment.ProcessId + x;
    }

    [Flow]
    private static async Task<int> Plain()
    {
        await Task.Yield();
        return 1;
    }

    private static LogLine Line(FlowRunRecord run, string message) => new()
    {
        RunId = run.Id,
        Attempt = 1,
        At = DateTimeOffset.UnixEpoch,
        Level = LogLevel.Information,
        Category = "stdout",
        Message = message,
    };
}
