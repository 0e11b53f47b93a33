#:package Fletcher@*
#:package Microsoft.Extensions.Hosting@10.0.15
using Fletcher;
using Fletcher.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

#region program
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddFletcher(fletcher => fletcher.UseSqlite("runs.db").UseConsole());
builder.Services.AddSingleton<IPriceList, PriceList>();
builder.Services.AddScoped<Ordering>();

using var app = builder.Build();
await app.StartAsync();
using (var scope = app.Services.CreateScope())
    Console.WriteLine(await scope.ServiceProvider.GetRequiredService<Ordering>().Order("tea"));
await app.StopAsync();
#endregion

interface IPriceList
{
    decimal PriceOf(string item);
}

sealed class PriceList : IPriceList
{
    public decimal PriceOf(string item) => 4.50m;
}

#region flow
sealed class Ordering(IPriceList prices, ILogger<Ordering> logger)
{
    [Flow]
    public async Task<string> Order(string item)
    {
        var price = Price(item);
        return await Confirm(item, price);
    }

    [Step(ReadOnly = true)]
    private decimal Price(string item) => prices.PriceOf(item);

    [Step]
    private async Task<string> Confirm(string item, decimal price)
    {
        logger.LogInformation("Confirming {Item}", item); // kept with the step run
        await Task.Delay(1);
        return $"{item} for {price}";
    }
}
#endregion
