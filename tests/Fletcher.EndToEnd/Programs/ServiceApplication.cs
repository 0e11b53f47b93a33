using Fletcher.Hosting;
using Fletcher.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fletcher.EndToEnd.Programs;

/// <summary>An application with a flow whose runs have processes of their own, and a service that must not run in those.</summary>
internal sealed class ServiceApplication(ILogger<ServiceApplication> logger, IHostApplicationLifetime lifetime)
{
    public static async Task Run(string[] args)
    {
        Console.WriteLine("main");
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddHostedService<Beside>();
        builder.Services.AddFletcher(fletcher =>
        {
            fletcher.UseSqlite().UseConsole();
            fletcher.ParkAfter = TimeSpan.FromMilliseconds(200);
            if (args[1] == "dies")
                fletcher.CrashResumes = 0;
            if (args[1] is "takes-turns" or "leaves-room")
                fletcher.MaxProcesses = 1;
            if (args[1] == "leaves-room")
                fletcher.Capacity = 2;
        });
        builder.Services.AddSingleton<ServiceApplication>();
        using var app = builder.Build();
        var client = app.Services.GetRequiredService<FletcherClient>();
        var runs = args[1] == "leaves-room" ? await StartAsync(client) : [];
        await app.StartAsync();
        Console.WriteLine(args[1] switch
        {
            "parks" => await Isolated.Parks(),
            "takes-turns" => string.Join(' ', await Task.WhenAll(Isolated.TakesTurns(1), Isolated.TakesTurns(2), Isolated.TakesTurns(3))),
            "leaves-room" => await WaitForAsync(client, runs),
            "dies" => Isolated.Dies("kill"),
            "hosted-works" => await app.Services.GetRequiredService<ServiceApplication>().Works(),
            _ => await app.Services.GetRequiredService<ServiceApplication>().Greet(args[1]),
        });
        await app.StopAsync();
    }

    [Flow(Isolation = Isolation.Process)]
    public async Task<string> Greet(string name)
    {
        var greeting = await Say(name);
        return $"{greeting} {Environment.ProcessId} {lifetime.ApplicationStarted.IsCancellationRequested}";
    }

    [Flow(Isolation = Isolation.Process)]
    public async Task<string> Works() => await Isolated.Works();

    /// <summary>Two runs of which one has to wait for a process, and a third that lets them go on: the host has to take it, though it has room for two.</summary>
    private static async Task<RunId[]> StartAsync(FletcherClient client)
    {
        var file = Environment.GetEnvironmentVariable("FLETCHER_STORE") + ".go";
        return
        [
            (await client.StartAsync(() => Isolated.WaitsFor(file))).Run,
            (await client.StartAsync(() => Isolated.AlsoWaitsFor(file))).Run,
            (await client.StartAsync(() => Isolated.LetsGo(file))).Run,
        ];
    }

    private static async Task<string> WaitForAsync(FletcherClient client, RunId[] runs) =>
        string.Join(' ', (await Task.WhenAll(runs.Select(run => client.WaitForEndAsync(run)))).Select(run => run.State));

    [Step]
    private Task<string> Say(string name)
    {
        logger.LogInformation("Saying {Name}", name);
        Console.WriteLine($"says {name}");
        return Task.FromResult($"hello {name}");
    }

    private sealed class Beside : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken)
        {
            Console.WriteLine("beside");
            return Task.CompletedTask;
        }
    }
}
