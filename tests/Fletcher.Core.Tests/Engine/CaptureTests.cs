using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fletcher.Engine.Tests;

/// <summary>What steps write is kept with the step that wrote it.</summary>
public sealed class CaptureTests
{
    private const int Many = 100_000;

    [Fact]
    public async Task Lines_on_the_console_belong_to_the_step_that_wrote_them_even_without_an_end()
    {
        await using var host = new TestHost(new SurvivingStore(), null, o => o.CaptureConsole = true);

        await host.Run(() => Work.Writes());

        Assert.Equal(["flow begins"], (await host.Logs(0)).Select(l => l.Message));
        var steps = await host.Steps();
        Assert.Equal(8, steps.Count);
        foreach (var step in steps)
        {
            var name = System.Text.Json.JsonDocument.Parse(step.Inputs!).RootElement.GetProperty("n").GetInt32();
            Assert.Equal([$"begun in pieces by {name}", $"error of {name}", $"no end {name}"],
                (await host.Logs(step.Sequence)).Select(l => l.Message).Order());
        }
    }

    [Fact]
    public async Task A_hundred_thousand_lines_of_a_step_are_kept()
    {
        await using var host = TestHost.InMemory();

        await host.Run(() => Work.Chatters());

        var logs = await host.Logs();
        Assert.Equal(Many, logs.Count);
        Assert.Equal($"line {Many - 1}", logs[^1].Message);
    }

    [Fact]
    public async Task An_application_keeps_what_its_loggers_write_and_its_flows_run_on_its_host()
    {
        var store = new SurvivingStore();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddFletcher(o => o.Store = () => store).AddFletcher().AddFletcher(o => o.CodeVersion = "7");
        builder.Services.AddTransient<Work.Shop>();
        using (var app = builder.Build())
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            await app.Services.GetRequiredService<Hosting.FletcherHost>().RunAsync(
                () => app.Services.GetRequiredService<Work.Shop>().Sell()).WithinLimit();
            await app.StopAsync(TestContext.Current.CancellationToken);
        }

        var run = Assert.Single(await store.GetFlowRunsAsync(new(), TestContext.Current.CancellationToken));
        Assert.Equal("7", run.CodeVersion);
        var line = Assert.Single(await store.GetLogsAsync(run.Id, 1, 10, TestContext.Current.CancellationToken));
        Assert.Equal("sold 3", line.Message);
    }

    [Fact]
    public async Task An_application_ends_in_time_although_a_step_ignores_its_token()
    {
        Work.Stubborn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var services = new ServiceCollection().AddFletcher(o => o.UseMemory()).BuildServiceProvider();
        var host = services.GetRequiredService<Hosting.FletcherHost>();
        var run = host.RunAsync(() => Work.Hangs());
        await Work.Hanging.Task.WithinLimit();

        var service = Assert.Single(services.GetServices<IHostedService>());
        await service.StopAsync(new CancellationToken(true)).WithinLimit();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WithinLimit());
        Work.Stubborn.SetResult();
        await services.DisposeAsync();
    }

    internal static class Work
    {
        internal static TaskCompletionSource Stubborn { get; set; } = new();

        internal static TaskCompletionSource Hanging { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        [Flow]
        internal static async Task Writes()
        {
            Console.Write("flow ");
            Console.Write("begins");
            await Flow.Map(Enumerable.Range(0, 8), Write, 8);
        }

        [Flow]
        internal static Task Chatters() => Chatter();

        [Flow]
        internal static Task Hangs() => Hang();

        [Step]
        internal static async Task Write(int n)
        {
            Console.Write("begun ");
            await Task.Yield();
            Console.WriteLine("in pieces by {0}", n);
            await Console.Error.WriteLineAsync($"error of {n}");
            Console.Write($"no end {n}");
        }

        [Step]
        internal static async Task Chatter()
        {
            await Task.Yield();
            for (var i = 0; i < Many; i++)
                Flow.Current.Logger.LogInformation("line {Number}", i);
        }

        [Step]
        internal static async Task Hang()
        {
            Hanging.SetResult();
            await Stubborn.Task;
        }

        internal sealed class Shop(ILogger<Shop> logger)
        {
            [Flow]
            internal Task Sell() => SellOne(3);

            [Step]
            internal async Task SellOne(int n)
            {
                await Task.Yield();
                logger.LogInformation("sold {Count}", n);
            }
        }
    }
}
