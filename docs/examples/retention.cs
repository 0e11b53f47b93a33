#:package Fletcher@*
#:package Microsoft.Extensions.Hosting@10.0.15
using Fletcher;
using Fletcher.Hosting;
using Fletcher.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddFletcher(fletcher =>
{
    fletcher.UseSqlite("runs.db");

    #region options
    fletcher.Retention.Default = new RetentionPolicy { KeepFor = TimeSpan.FromDays(14), KeepFailedFor = TimeSpan.FromDays(60) };
    fletcher.Retention.For("Billing.InvoiceMonth", RetentionPolicy.Everything); // keeps all of them
    fletcher.Retention.KeepCachedFor = TimeSpan.FromDays(365);
    #endregion
});

using var app = builder.Build();
await app.StartAsync();
var client = app.Services.GetRequiredService<FletcherClient>();
var started = await client.StartAsync(() => Warehouse.Import(new DateOnly(2026, 10, 1)));
await client.WaitForEndAsync(started.Run);

#region prune
var plan = await client.PruneAsync(new PruneOptions { Flow = "Warehouse.Import", OlderThan = TimeSpan.FromDays(1), DryRun = true });
Console.WriteLine($"{plan.Runs} runs would go");
foreach (var (flow, kind, reason, runs) in plan.Flows)
    Console.WriteLine($"{runs} of {flow}: {kind}, {reason}");
#endregion

await app.StopAsync();

static class Warehouse
{
    #region flow
    [Flow(KeepFor = "7d", KeepFailedFor = "30d", Keep = 1000)]
    public static async Task Import(DateOnly day)
    {
        await Load(day);
    }
    #endregion

    [Step]
    static Task Load(DateOnly day) => Task.CompletedTask;
}
