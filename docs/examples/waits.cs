#:package Fletcher@*
using Fletcher;

#region send
var order = await Flow.Start(() => Purchasing.Order("a tent", 240m));
await Flow.Client.As("ada").SignalAsync(order.Id, "approved", "Ada");
Console.WriteLine(await order.Completion);
#endregion

static class Purchasing
{
    #region flow
    [Flow]
    public static async Task<string> Order(string item, decimal price)
    {
        await Flow.Sleep(TimeSpan.FromMilliseconds(300)); // or TimeSpan.FromDays(30)
        try
        {
            var who = await Flow.WaitFor<string>("approved", timeout: TimeSpan.FromDays(14));
            return await Buy(item, price, who);
        }
        catch (WaitTimeoutException)
        {
            return $"nobody approved {item}";
        }
    }
    #endregion

    [Step(Delivery = Delivery.AtMostOnce)]
    static Task<string> Buy(string item, decimal price, string who) => Task.FromResult($"{item} for {price} EUR, approved by {who}");
}
