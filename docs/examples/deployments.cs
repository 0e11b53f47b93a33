#:package Fletcher@*
#:package Microsoft.Extensions.Hosting@10.0.15
using Fletcher;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

#region host
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddFletcher(fletcher =>
{
    fletcher.UseSqlite("runs.db");
    fletcher.Deploy(
        () => Billing.Remind("late payers", default),
        new DeploymentOptions
        {
            Name = "reminders",
            Schedule = Schedule.Parse("0 9 * * mon-fri", "Europe/Berlin").Except(ExcludedDays.Of(new DateOnly(2026, 12, 24))),
            Overlap = OverlapPolicy.Skip,
        });
});

using var app = builder.Build();
await app.StartAsync();
#endregion

#region operate
var client = app.Services.GetRequiredService<FletcherClient>().As("ada");
await client.SetDeploymentAsync("reminders", new DeploymentChanges { Parameters = """{"to":"everybody"}""" }, "the year ends");
await client.PauseDeploymentAsync("reminders", "holidays");

foreach (var deployment in await client.GetDeploymentsAsync())
{
    Console.WriteLine($"{deployment.Name}: {deployment.Effective.Schedule!.ToSchedule().Describe()}");
    foreach (var difference in deployment.Differences)
        Console.WriteLine($"  {difference}");
}
#endregion

#region refused
try
{
    await client.SetDeploymentAsync("reminders", new DeploymentChanges { Parameters = """{"whom":"nobody"}""", Schedule = new() { Text = "0 25 * * *", Zone = "Europe/Berlin" } });
}
catch (FletcherUsageException e)
{
    Console.WriteLine(e.Message);
}
#endregion

#region backfill
var (from, to) = (new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
var plan = await client.BackfillAsync("Billing.InvoiceMonth", from, to, new BackfillOptions { DryRun = true });
Console.WriteLine($"{plan.Times.Count} months without invoices, the first is {plan.Times[0]:yyyy-MM-dd}");
await client.BackfillAsync("Billing.InvoiceMonth", from, to, new BackfillOptions { Order = BackfillOrder.NewestFirst, AtMost = 2 });
#endregion

while ((await client.GetDeploymentAsync("Billing.InvoiceMonth"))!.Record.Backfill is not null)
    await Task.Delay(50);
Console.WriteLine($"{(await client.BackfillAsync("Billing.InvoiceMonth", from, to, new BackfillOptions { DryRun = true })).Times.Count} left");
await app.StopAsync();

static class Billing
{
    #region flow
    [Flow(Schedule = "0 6 1 * *", Zone = "Europe/Berlin")]
    public static async Task<string> InvoiceMonth([ScheduledTime] DateOnly day, string currency = "EUR")
    {
        return await CreateInvoices(day.AddMonths(-1), currency);
    }
    #endregion

    [Step]
    static Task<string> CreateInvoices(DateOnly month, string currency) => Task.FromResult($"{month:yyyy-MM} in {currency}");

    [Flow]
    public static async Task<string> Remind(string to, [ScheduledTime] DateTimeOffset at) => await Send(to, at);

    [Step]
    static Task<string> Send(string to, DateTimeOffset at) => Task.FromResult($"{to} at {at}");
}
