using System.Text;
using System.Text.RegularExpressions;
using Fletcher.EndToEnd.Smtp;

namespace Fletcher.EndToEnd.Billing;

public sealed partial class SmtpTests(BillingSample sample)
{
    [Fact]
    public async Task Each_customer_is_mailed_their_invoice_once()
    {
        await using var server = await SmtpServer.StartAsync();
        using var billing = FolderFor(server);

        (await billing.Run()).With(0);
        (await billing.Run()).With(0);

        var invoices = billing.ReadInvoices("2008-11");
        Assert.Equal(BillingFolder.Airports, invoices.Count);
        Assert.Equal(invoices.Keys.Select(Address).Order(), server.Recipients().Order());
        Assert.Empty(billing.ReadMails());
        long flights = 0;
        foreach (var message in server.Messages())
        {
            var airport = BillingFolder.Recipient(message);
            Assert.Contains($"filename={airport}.html", message.Replace("\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
            flights += BillingFolder.Number(Total().Match(Attachment(message)).Groups[1].Value);
        }

        Assert.Equal(BillingFolder.Flights, flights);
    }

    [Fact]
    public async Task Mails_that_the_server_broke_off_are_reported_and_repeated_only_when_asked_for()
    {
        await using var server = await SmtpServer.StartAsync(dropEach: 100);
        using var billing = FolderFor(server);

        var first = (await billing.Run()).With(1).WithoutDump();
        var dropped = server.Dropped();
        var second = (await billing.Run()).With(1).WithoutDump();

        Assert.Equal(3, dropped.Count);
        Assert.Equal(BillingFolder.Airports - 3, server.Recipients().Distinct().Count());
        Assert.Equal(3, first.ErrorLines.Count(line => FailedMail().IsMatch(line)));
        Assert.Contains("failed in Billing.SendInvoice (mail ", second.Error, StringComparison.Ordinal);
        Assert.Contains("Billing.SendInvoice × 2  SmtpProtocolException", second.Error, StringComparison.Ordinal);
        Assert.Contains("It must run at most once, so it was not tried again.", second.Error, StringComparison.Ordinal);
        Assert.Equal(BillingFolder.Airports - 3, server.Recipients().Count);
        Assert.Equal(3, server.Dropped().Count);

        billing.Environment["FLETCHER_RETRY"] = RunId().Match(second.Error).Groups[1].Value;
        (await billing.Run()).With(0);

        Assert.Equal(BillingFolder.Airports, server.Recipients().Count);
        Assert.Equal(BillingFolder.Airports, server.Recipients().Distinct().Count());
        Assert.Subset(server.Recipients().ToHashSet(), dropped.ToHashSet());
    }

    private BillingFolder FolderFor(SmtpServer server) => new(sample)
    {
        Environment = { ["SMTP_HOST"] = "127.0.0.1", ["SMTP_PORT"] = server.Port, ["SMTP_FROM"] = "bills@example.org" },
    };

    private static string Address(string airport) => airport.ToLowerInvariant() + "@example.org";

    private static string Attachment(string message)
    {
        var part = message[message.IndexOf("Content-Disposition: attachment", StringComparison.Ordinal)..];
        var body = Body().Match(part).Groups[1].Value;
        return part.Contains("base64", StringComparison.OrdinalIgnoreCase)
            ? Encoding.UTF8.GetString(Convert.FromBase64String(body))
            : body.Replace("=\r\n", "", StringComparison.Ordinal).Replace("=\n", "", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\r?\n\r?\n(.*?)\r?\n--", RegexOptions.Singleline)]
    private static partial Regex Body();

    [GeneratedRegex(@"<td>Total</td><td>([\d,]+)</td>")]
    private static partial Regex Total();

    [GeneratedRegex(@"^\s+\S Billing\.SendInvoice \(mail \w+\)  failed")]
    private static partial Regex FailedMail();

    [GeneratedRegex(@"FLETCHER_RETRY=(\w{26}) ")]
    private static partial Regex RunId();
}
