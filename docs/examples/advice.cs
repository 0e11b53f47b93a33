#:package Fletcher@*
using Fletcher;
using Fletcher.Diagnosis;
using Fletcher.Hosting;

#region host
var options = new FletcherOptions().UseSqlite();
options.Advisors.Add(new TariffAdvisor());
options.UseConsole();
await using var host = new FletcherHost(options);
#endregion

try
{
    await host.RunAsync(() => Billing.Price("LAX"));
}
catch (TariffMissingException)
{
}

sealed class TariffMissingException(string airport) : Exception($"no tariff for {airport}");

#region advisor
sealed class TariffAdvisor : IFailureAdvisor
{
    public ValueTask<string?> AdviseAsync(FailureContext context, CancellationToken cancellationToken) => new(
        context.Error.Type.EndsWith("TariffMissingException", StringComparison.Ordinal)
            ? "The tariff of this airport is not released yet. Ask the pricing team."
            : null);
}
#endregion

static class Billing
{
    [Flow]
    public static async Task<decimal> Price(string airport) => await LookUp(airport);

    [Step]
    static async Task<decimal> LookUp(string airport)
    {
        await Task.Delay(10);
        throw new TariffMissingException(airport);
    }
}
