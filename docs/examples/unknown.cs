#:package Fletcher@*
using System.Diagnostics;
using Fletcher;

Console.WriteLine(await Payments.Pay("order 17", 30m));

static class Payments
{
    #region flow
    [Flow]
    public static async Task<string> Pay(string order, decimal amount)
    {
        var charged = await Flow.Try(() => Charge(order, amount));
        return charged.Kind switch
        {
            OutcomeKind.Succeeded => $"{order} is paid",
            OutcomeKind.Unknown => $"{order}: ask the bank whether {amount} EUR were charged",
            _ => $"{order} is not paid: {charged.Error!.Message}",
        };
    }

    [Step(Delivery = Delivery.AtMostOnce)]
    static async Task Charge(string order, decimal amount)
    {
        Console.WriteLine($"charging {amount} EUR for {order}");
        await Task.Delay(10);
        Process.GetCurrentProcess().Kill(); // the process dies before the bank's answer comes
    }
    #endregion
}
