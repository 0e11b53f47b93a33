#!/usr/bin/env dotnet
#:sdk Microsoft.NET.Sdk.Web
#:project ../../src/Fletcher/Fletcher.csproj
#:package Microsoft.Extensions.Hosting.Systemd@10.0.14
#:property PublishAot=false

// A service that writes reports. Each report is a run in a process of its own, so that one that needs too much memory takes nothing with it.
//
//   dotnet run service.cs -- --urls http://127.0.0.1:8080
//   curl -X POST http://127.0.0.1:8080/reports/may       begins a run
//   curl http://127.0.0.1:8080/health/ready              whether it can
//
// fletcher-reports.service is a unit for systemd, Containerfile builds an image, kubernetes.yaml has the probes. docs/service.md says why they are as they are.

using Fletcher;
using Fletcher.Hosting;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSystemd(); // tells systemd when the service has started; does nothing elsewhere
builder.Services.AddFletcher(fletcher =>
{
    fletcher.UseSqlite(builder.Configuration["Store"]);
    fletcher.ShutdownGrace = TimeSpan.FromSeconds(15);
});
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(25)); // more than ShutdownGrace
builder.Services.AddHealthChecks().AddFletcher();
builder.Services.AddScoped<Reports>();

var app = builder.Build();
app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
app.MapPost("/reports/{name}", async (string name, Reports reports) =>
{
    var run = await Flow.Start(() => reports.Write(name));
    return Results.Text($"{run.Id}\n", statusCode: StatusCodes.Status202Accepted);
});
app.Run();

sealed class Reports(ILogger<Reports> logger, IHostEnvironment environment)
{
    [Flow(Isolation = Isolation.Process, MemoryLimit = "512 MiB", Timeout = "10m")]
    public async Task<string> Write(string name)
    {
        var lines = Collect(name);
        return await Save(name, lines);
    }

    [Step(ReadOnly = true)]
    private string[] Collect(string name) => [$"Report {name}", $"by process {Environment.ProcessId}"];

    [Step(Retries = 3, Backoff = "1s, 10s")]
    private async Task<string> Save(string name, string[] lines)
    {
        var folder = Directory.CreateDirectory(Environment.GetEnvironmentVariable("REPORTS") ?? Path.Combine(environment.ContentRootPath, "out"));
        var file = Path.Combine(folder.FullName, Path.GetFileName(name) + ".txt");
        await File.WriteAllLinesAsync(file, lines);
        logger.LogInformation("Wrote {File}", file);
        return file;
    }
}
