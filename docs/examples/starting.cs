#:package Fletcher@*
#:package Microsoft.Extensions.Hosting@10.0.15
using Fletcher;
using Fletcher.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

#region host
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddFletcher(fletcher =>
{
    fletcher.UseSqlite("runs.db");
    fletcher.Flows.Add("Invoices.*"); // what this host takes
    fletcher.Labels.Add("printer");   // what this machine has
    fletcher.Capacity = 8;            // so many runs at the same time
});

using var app = builder.Build();
await app.StartAsync();
#endregion

#region start
var client = app.Services.GetRequiredService<FletcherClient>();
var started = await client.StartAsync(
    () => Invoices.Send("Ada", 240m),
    new StartOptions { IdempotencyKey = "order 17", Labels = ["printer"] });
Console.WriteLine(await client.WaitAsync<string>(started.Run));
#endregion

#region name
try
{
    await client.StartAsync("Invoices.Send", new { customer = "Ada", amount = "much" });
}
catch (FletcherUsageException e)
{
    Console.WriteLine(e.Message);
}
#endregion

#region many
string[] customers = ["Bob", "Eve", "Kim"];
var runs = await client.StartManyAsync(
    customers,
    customer => Invoices.Send(customer, 10m),
    customer => new StartOptions { FairnessKey = customer, Priority = -1 });
foreach (var run in runs)
    Console.WriteLine(await client.WaitAsync<string>(run.Run));
#endregion

#region drain
var host = app.Services.GetRequiredService<FletcherHost>();
await host.DrainAsync(); // takes no more runs, and waits for those that it has
#endregion
await app.StopAsync();

#region flow
static class Invoices
{
    [Flow(MaxConcurrency = 4)]
    public static async Task<string> Send(string customer, decimal amount) => await Print(customer, amount);

    [Step]
    static async Task<string> Print(string customer, decimal amount)
    {
        await Task.Delay(1);
        return $"{amount} EUR to {customer}";
    }
}
#endregion
