#:package Fletcher@*
using Fletcher;

var month = DateOnly.Parse(args[0] + "-01");
Console.WriteLine($"{await Billing.InvoiceMonth(month)} invoices sent");

static class Billing
{
    #region flow
    [Flow(Name = "invoices {month:yyyy-MM}", Once = "{month:yyyy-MM}", OnRerun = OnRerun.Resume)]
    public static async Task<int> InvoiceMonth(DateOnly month) => await Send(month);
    #endregion

    [Step]
    static async Task<int> Send(DateOnly month)
    {
        await Task.Delay(10);
        Console.WriteLine($"sending the invoices of {month:yyyy-MM}");
        return 303;
    }
}
