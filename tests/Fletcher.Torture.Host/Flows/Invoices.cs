using System.Globalization;
using Fletcher.Hosting;
using Fletcher.Storage;
using Fletcher.Torture.Effects;

namespace Fletcher.Torture.Flows;

/// <summary>A flow of the shape of the billing sample: load, total, make an invoice for each airport, and mail each at most once. Its steps write a line when they begin and when they return.</summary>
internal static class Invoices
{
    public const string Id = "Invoices.Bill";

    /// <summary>How many invoices a customer gets.</summary>
    public const int Each = 3;

    // What a step of a real one waits for: a database, a mail server. It lets the capacity of the hosts decide who takes how much, and not their share of the machine.
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);

    /// <summary>Where the steps write; set before the host takes runs.</summary>
    public static EffectFile? File { get; set; }

    /// <summary>Starts the flow for so many customers behind another; here, where calls are intercepted.</summary>
    public static Task<IReadOnlyList<StartedRun>> StartAsync(FletcherClient client, int after, int count) =>
        client.StartManyAsync(Enumerable.Range(after + 1, count), customer => Bill(customer));

    /// <summary>What a customer pays.</summary>
    public static int Total(int customer) => Enumerable.Range(0, Each).Sum(airport => Flights(customer, airport));

    [Flow(Id = Id, Name = "bill {customer}")]
    public static async Task<Bill> Bill(int customer)
    {
        await Load(customer).ConfigureAwait(false);
        var usage = Aggregate(customer);
        var invoices = await Flow.Map(usage, Create).ConfigureAwait(false);
        var mails = await Flow.Map(invoices, Mail, failure: MapFailure.Collect).ConfigureAwait(false);
        var failed = mails.Failures.FirstOrDefault(mail => mail.Outcome.Kind != OutcomeKind.Unknown);
        return failed.Outcome.Error is { } error
            ? throw error
            : new Bill(invoices.Sum(invoice => invoice.Flights), mails.Outcomes.Count(mail => mail.IsSuccess), [.. mails.Failures.Select(mail => mail.Index)]);
    }

    /// <summary>The path of a step in its lines.</summary>
    public static string Path(string step, int airport) => string.Create(CultureInfo.InvariantCulture, $"{step}/{airport}");

    [Step]
    private static async Task<int> Load(int customer)
    {
        Write(EffectKind.Began, customer, nameof(Load));
        await Task.Delay(Wait).ConfigureAwait(false);
        Write(EffectKind.Returned, customer, nameof(Load));
        return Each;
    }

    [Step(ReadOnly = true)]
    private static Invoice[] Aggregate(int customer) =>
        [.. Enumerable.Range(0, Each).Select(airport => new Invoice(customer, airport, Flights(customer, airport)))];

    [Step(Name = "invoice {invoice.Airport}")]
    private static Invoice Create(Invoice invoice)
    {
        Write(EffectKind.Began, invoice.Customer, Path(nameof(Create), invoice.Airport));
        Write(EffectKind.Returned, invoice.Customer, Path(nameof(Create), invoice.Airport));
        return invoice;
    }

    [Step(Name = "mail {invoice.Airport}", Delivery = Delivery.AtMostOnce)]
    private static async Task Mail(Invoice invoice)
    {
        Write(EffectKind.Began, invoice.Customer, Path(nameof(Mail), invoice.Airport));
        await Task.Delay(Wait).ConfigureAwait(false);
        Write(EffectKind.Returned, invoice.Customer, Path(nameof(Mail), invoice.Airport));
    }

    private static int Flights(int customer, int airport) => (customer * 31 + airport * 7) % 1000;

    private static void Write(EffectKind kind, int customer, string path) => File!.Append(new Effect
    {
        Kind = kind,
        Seed = (ulong)customer,
        Root = Flow.Current.RunId.ToString(),
        Run = Flow.Current.RunId.ToString(),
        Path = path,
        Sequence = Flow.Current.StepSequence,
        Attempt = Flow.Current.StepAttempt,
        Process = Environment.ProcessId,
        Host = "",
        Fence = 0,
        At = EffectFile.Now,
    });
}
