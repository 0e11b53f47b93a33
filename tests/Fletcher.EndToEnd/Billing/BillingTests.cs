using System.Text.RegularExpressions;

namespace Fletcher.EndToEnd.Billing;

public sealed partial class BillingTests(BillingSample sample)
{
    [Fact]
    public async Task A_month_is_billed_once_and_says_so_the_next_time()
    {
        using var billing = new BillingFolder(sample);

        var first = (await billing.Run()).With(0);
        var invoices = billing.ReadInvoices("2008-11");
        var mails = billing.ReadMails();
        var second = (await billing.Run()).With(0);

        Assert.Equal(BillingFolder.Airports, invoices.Count);
        Assert.Equal(BillingFolder.Flights, invoices.Values.Sum());
        Assert.Equal(invoices.Keys.Order(), mails.Order());
        Assert.Contains("303 invoices for 7,009,728 flights", first.Out, StringComparison.Ordinal);
        Assert.Contains("303 sent, 0 in doubt", first.Out, StringComparison.Ordinal);
        Assert.Equal(first.OutLines[^1], second.OutLines[^1]);
        var said = Assert.Single(second.ErrorLines);
        Assert.Contains("billing 2008-11", said, StringComparison.Ordinal);
        Assert.Matches(DoneOn(), said);
        Assert.DoesNotContain("Loaded", second.Out, StringComparison.Ordinal);
        Assert.Equal(BillingFolder.Airports, billing.ReadMails().Count);
    }

    [Fact]
    public async Task Another_month_is_billed_for_itself()
    {
        using var billing = new BillingFolder(sample);

        (await billing.Run()).With(0);
        (await billing.Run("--month", "2008-10")).With(0);

        Assert.Equal(BillingFolder.Flights, billing.ReadInvoices("2008-10").Values.Sum());
        Assert.Equal(2 * BillingFolder.Airports, billing.ReadMails().Count);
    }

    [Theory]
    [InlineData("--month", "November")]
    [InlineData("--month")]
    [InlineData("--brake")]
    public async Task Wrong_arguments_are_refused_with_the_usage(params string[] arguments)
    {
        using var billing = new BillingFolder(sample);

        var ended = (await billing.Run(arguments)).With(2);

        Assert.Contains($"'{arguments[0]}' is not understood. Usage:", ended.Error, StringComparison.Ordinal);
        Assert.Empty(ended.Out);
        Assert.False(Directory.Exists(billing.Out));
    }

    [GeneratedRegex(@"was completed before, on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*nothing was run  run \w{26}")]
    private static partial Regex DoneOn();
}
