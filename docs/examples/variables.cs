#:package Fletcher@*
using Fletcher;

// Beforehand, by whoever looks after it: fletcher variables set invoice-limit 500, and fletcher secrets set bank-key < key.txt
await Flow.Client.SetVariableAsync("invoice-limit", 500m, note: "agreed with the bank");
await Flow.Client.SetSecretAsync("bank-key", "correct-horse-battery");

await Billing.Pay(420);

foreach (var secret in await Flow.Client.GetSecretsAsync())
    Console.WriteLine($"{secret.Name}, version {secret.Version}");

#region errors
try
{
    Variables.Get<decimal>("invoice-limt");
}
catch (FletcherUsageException e)
{
    Console.WriteLine(e.Id);
}
#endregion

static class Billing
{
    #region flow
    [Flow]
    public static async Task Pay(decimal amount)
    {
        var limit = Variables.Get<decimal>("invoice-limit");
        var currency = Variables.Get("currency", "EUR"); // when there is no such variable
        if (amount <= limit)
            await Transfer(amount, currency, Secrets.Get("bank-key"));
    }

    [Step]
    static async Task Transfer(decimal amount, string currency, Secret key)
    {
        var text = await key.RevealAsync();
        Console.WriteLine($"{amount} {currency} with {text}, {text.Length} characters"); // a mistake: but nobody sees it
    }
    #endregion
}
