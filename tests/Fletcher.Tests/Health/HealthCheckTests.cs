using Fletcher.Hosting;
using Fletcher.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Fletcher.Tests.Health;

public sealed class HealthCheckTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Longer than the loop and the pulse take to come round (500 and 250 ms): with less they may never be young at the same time.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private readonly BreakableStore _store;
    private readonly IHost _app;

    public HealthCheckTests()
    {
        var (store, breakable) = BreakableStore.Around(new MemoryStore(TimeProvider.System));
        _store = breakable;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Services.AddFletcher(fletcher => fletcher.Store = () => store);
        builder.Services.AddHealthChecks().AddFletcher(health =>
        {
            health.LiveWithin = Soon;
            health.ReadyWithin = Soon;
        });
        _app = builder.Build();
    }

    [Fact]
    public async Task A_host_that_has_started_lives_and_is_ready_and_tells_how_it_is()
    {
        await _app.StartAsync(TestContext.Current.CancellationToken);

        var report = await Until(report => report.Status == HealthStatus.Healthy);

        var ready = report.Entries["fletcher-ready"];
        Assert.Equal(["ready"], ready.Tags);
        Assert.Equal(["live"], report.Entries["fletcher-live"].Tags);
        Assert.Equal((0, 0, 0), (ready.Data["runs"], ready.Data["processes"], ready.Data["leaks"]));
        Assert.IsType<double>(ready.Data["secondsSinceLook"]);
        Assert.DoesNotContain("lastError", ready.Data);
        Assert.Equal(_app.Services.GetRequiredService<FletcherHost>().Store.Description, ready.Data["store"]);
    }

    [Fact]
    public async Task Before_its_start_a_host_is_not_ready_and_there_is_no_reason_to_kill_it()
    {
        var report = await Check();

        Assert.Equal(HealthStatus.Healthy, report.Entries["fletcher-live"].Status);
        Assert.Equal((HealthStatus.Unhealthy, "The host has not started."), Verdict(report, "fletcher-ready"));
    }

    [Fact]
    public async Task A_host_that_stops_is_not_ready_any_more()
    {
        await _app.StartAsync(TestContext.Current.CancellationToken);
        await _app.Services.GetRequiredService<FletcherHost>().StopAsync(cancellationToken: TestContext.Current.CancellationToken);

        var report = await Check();

        Assert.Equal(HealthStatus.Healthy, report.Entries["fletcher-live"].Status);
        Assert.Equal((HealthStatus.Unhealthy, "The host stops."), Verdict(report, "fletcher-ready"));
    }

    [Fact]
    public async Task A_host_that_drains_is_not_ready_until_it_takes_runs_again()
    {
        await _app.StartAsync(TestContext.Current.CancellationToken);
        var host = _app.Services.GetRequiredService<FletcherHost>();
        await host.DrainAsync(TestContext.Current.CancellationToken);

        var report = await Check();
        Assert.Equal(HealthStatus.Healthy, report.Entries["fletcher-live"].Status);
        Assert.Equal((HealthStatus.Unhealthy, "The host drains: it takes no more runs."), Verdict(report, "fletcher-ready"));

        await host.EndDrainAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Healthy, (await Check()).Entries["fletcher-ready"].Status);
    }

    [Fact]
    public async Task With_its_store_away_a_host_lives_and_is_not_ready_until_it_is_back()
    {
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _store.IsDown = true;

        var report = await Until(report => report.Entries["fletcher-ready"].Data.ContainsKey("lastError") && report.Entries["fletcher-live"].Status == HealthStatus.Healthy);

        var ready = report.Entries["fletcher-ready"];
        Assert.Equal(HealthStatus.Unhealthy, ready.Status);
        Assert.Contains("The store is away", ready.Description, StringComparison.Ordinal);
        Assert.IsType<StoreUnavailableException>(ready.Exception);
        _store.IsDown = false;
        report = await Until(report => report.Status == HealthStatus.Healthy);
        Assert.Contains("The store is away", (string)report.Entries["fletcher-ready"].Data["lastError"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_loop_that_does_not_come_round_does_not_live()
    {
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _store.Hangs = true;

        var report = await Until(report => report.Entries["fletcher-live"].Status == HealthStatus.Unhealthy && report.Entries["fletcher-ready"].Status == HealthStatus.Unhealthy
            && report.Entries["fletcher-live"].Description!.Contains("loop", StringComparison.Ordinal));

        Assert.Contains("has not looked at its store", report.Entries["fletcher-ready"].Description, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_of_nothing_is_refused()
    {
        var error = Assert.Throws<FletcherUsageException>(() => new ServiceCollection().AddHealthChecks().AddFletcher(health => health.LiveWithin = TimeSpan.Zero));

        Assert.Equal("FLT1410", error.Id);
        Assert.Contains("LiveWithin", error.Message, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _store.IsDown = false;
        if (!_store.Hangs) // else its loop never ends, which is what the test is about
            await _app.StopAsync(CancellationToken.None);
    }

    private static (HealthStatus Status, string? Description) Verdict(HealthReport report, string check) => (report.Entries[check].Status, report.Entries[check].Description);

    private Task<HealthReport> Check() => _app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);

    private async Task<HealthReport> Until(Func<HealthReport, bool> isSo)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        while (true)
        {
            var report = await Check();
            if (isSo(report))
                return report;
            limit.Token.ThrowIfCancellationRequested();
            await Task.Delay(TimeSpan.FromMilliseconds(10), limit.Token);
        }
    }
}
