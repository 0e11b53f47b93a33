using Fletcher.Model;
using Fletcher.Testing;
using Xunit;

namespace Fletcher.Docs.Examples;

#region billing
/// <summary>The world that the flow changes: invoices are files, mails are gone once they are sent.</summary>
public sealed class World
{
    public SortedDictionary<string, decimal> Invoices { get; } = [];

    public List<string> Mails { get; } = [];

    public void Clear()
    {
        Invoices.Clear();
        Mails.Clear();
    }
}

public sealed record Invoice(string Customer, decimal Total);

public sealed class Billing(World world)
{
    [Flow(Once = "{month:yyyy-MM}", OnRerun = OnRerun.Resume)]
    public async Task<decimal> InvoiceMonth(DateOnly month)
    {
        var usage = LoadUsage(month);
        var invoices = await Flow.Map(usage, CreateInvoice);
        var mails = await Flow.Map(invoices, SendInvoice, maxConcurrency: 1);
        return invoices.Take(mails.Count).Sum(invoice => invoice.Total);
    }

    [Step(ReadOnly = true)]
    public string[] LoadUsage(DateOnly month) => ["ATL", "JFK", "ORD"];

    [Step(Name = "invoice {customer}")]
    public Invoice CreateInvoice(string customer)
    {
        lock (world)
            world.Invoices[customer] = customer.Length * 100; // the same file again, if it runs again
        return new Invoice(customer, customer.Length * 100);
    }

    [Step(Name = "mail {invoice.Customer}", Delivery = Delivery.AtMostOnce)]
    public async Task SendInvoice(Invoice invoice)
    {
        await Task.Yield();
        world.Mails.Add(invoice.Customer);
    }
}
#endregion

/// <summary>The same, by somebody who thought that a mail is a step like any other.</summary>
public sealed class Careless(World world)
{
    [Flow]
    public async Task InvoiceMonth(DateOnly month)
    {
        foreach (var customer in (string[])["ATL", "JFK"])
            await SendInvoice(customer, month);
    }

    [Step(Name = "mail {customer}")]
    public async Task SendInvoice(string customer, DateOnly month)
    {
        await Task.Yield();
        world.Mails.Add(customer);
    }
}

public sealed class BillingTests
{
    #region survives
    [Fact]
    public async Task A_billing_run_survives_a_crash_at_every_point()
    {
        var world = new World();
        var billing = new Billing(world);

        var result = await FlowTest.SurvivesCrashAtEveryPoint(
            () => billing.InvoiceMonth(new DateOnly(2008, 11, 1)),
            new() { Arrange = world.Clear, Effects = () => world });

        Assert.True(result.IsComplete, result.ToString());
    }
    #endregion

    #region doubt
    [Fact]
    public async Task No_invoice_is_sent_twice_even_if_nobody_resolves_the_doubt()
    {
        var world = new World();
        var billing = new Billing(world);

        await FlowTest.SurvivesCrashAtEveryPoint(
            () => billing.InvoiceMonth(new DateOnly(2008, 11, 1)),
            new() { Arrange = world.Clear, UnknownSteps = UnknownSteps.Left });
    }
    #endregion

    #region handled
    [Fact]
    public async Task A_mail_that_may_have_been_sent_is_not_sent_again()
    {
        await using var test = FlowTest.Start();
        var world = new World();
        var billing = new Billing(world);
        test.CrashInside("mail JFK");

        (await test.RunAsync(() => billing.InvoiceMonth(new(2008, 11, 1)))).ShouldHaveCrashed();
        await test.RestartAsync();
        var run = await test.RunAsync(() => billing.InvoiceMonth(new(2008, 11, 1)));

        run.ShouldFail<StepUnknownException>();
        run.Step("mail JFK").ShouldBe(StepRunState.Unknown).ShouldNotHaveRun();
        Assert.Equal(["ATL", "JFK"], world.Mails);
    }
    #endregion

    [Fact]
    public async Task What_the_page_shows_of_a_check_that_fails_is_what_it_says()
    {
        var world = new World();
        var billing = new Careless(world);

        var error = await Assert.ThrowsAsync<FlowAssertException>(() => FlowTest.SurvivesCrashAtEveryPoint(
            () => billing.InvoiceMonth(new DateOnly(2008, 11, 1)), new() { Arrange = world.Clear, Effects = () => world.Mails }));

        var page = Path.Combine(Tests.Repository.Examples, "testing", "careless.txt");
        if (Tests.ExampleTests.IsUpdate)
            await File.WriteAllTextAsync(page, error.Message + "\n", TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken), error.Message + "\n");
    }
}
