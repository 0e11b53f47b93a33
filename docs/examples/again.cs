#:package Fletcher@*
using Fletcher;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;

await using var host = new FletcherHost(new FletcherOptions { TakesRuns = true }.UseSqlite("runs.db"));
await host.StartAsync();
Console.WriteLine(await host.RunAsync(() => Billing.Month("may")));
var run = (await host.Store.GetFlowRunsAsync(new FlowRunQuery(), default))[0].Id;
var client = host.Client.As("ada");

#region plan
var plan = await client.PlanRerunAsync(run, "Taxes");
foreach (var step in plan.Steps)
    Console.WriteLine($"  {step.Sequence} {step.Step}: {step.Action}, {step.Why}");
#endregion

#region refused
try
{
    await client.RerunAsync(run, "Taxes");
}
catch (FletcherUsageException e)
{
    Console.WriteLine(e.Id);
}
#endregion

#region rerun
await client.RerunAsync(run, "Taxes", allowAtMostOnce: true, reason: "the rate was wrong");
#endregion
await EndAsync(run);

#region fork
var fork = await client.ForkAsync(run, new ForkOptions { Before = "Send" }.WithParameter("month", "june"));
#endregion
await EndAsync(fork);

async Task EndAsync(RunId id)
{
    while (!(await host.Store.GetFlowRunAsync(id, default))!.State.IsEnd())
        await Task.Delay(20);
    Console.WriteLine((await host.Store.GetFlowRunAsync(id, default))!.State);
}

#region flow
static class Billing
{
    [Flow]
    public static async Task<string> Month(string month)
    {
        var usage = Usage(month);
        var taxes = Taxes(usage);
        await Send(taxes);
        return $"{month} is billed";
    }

    [Step]
    static int[] Usage(string month)
    {
        Console.WriteLine($"usage of {month}");
        return [30, 12];
    }

    [Step]
    static decimal[] Taxes(int[] usage)
    {
        Console.WriteLine("taxes");
        return [.. usage.Select(amount => amount * 0.19m)];
    }

    [Step(Delivery = Delivery.AtMostOnce)]
    static async Task Send(decimal[] taxes)
    {
        await Task.Yield();
        Console.WriteLine($"sending {taxes.Length} invoices");
    }
}
#endregion
