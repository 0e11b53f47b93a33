#:package Fletcher@*
using Fletcher;

Console.WriteLine(await Shop.Order("tea", 3));

static class Shop
{
    [Flow]
    public static async Task<string> Order(string item, int count)
    {
        var price = Price(item);
        var receipt = await Charge(price * count);
        return Ship(item, count, receipt);
    }

    [Step(ReadOnly = true)]
    static decimal Price(string item) => 4.50m;

    [Step(Delivery = Delivery.AtMostOnce)]
    static async Task<string> Charge(decimal amount)
    {
        await Task.Delay(20);
        return $"receipt over {amount} EUR";
    }

    [Step(Retries = 3, Backoff = "1s, 10s, 1m")]
    static string Ship(string item, int count, string receipt) => $"{count} {item} on the way, {receipt}";
}
