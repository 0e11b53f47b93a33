#!/usr/bin/env dotnet
#:sdk Microsoft.NET.Sdk.Web
#:project ../../src/Fletcher/Fletcher.csproj
#:project ../../src/Fletcher.Storage.PostgreSql/Fletcher.Storage.PostgreSql.csproj
#:property PublishAot=false

// The monthly billing run of samples/billing as a service: on the first of each month, at 06:00 in Berlin, it bills the month before.
//
//   dotnet run billing-service.cs                                    one host; its store is runs.db in the current directory
//   dotnet run billing-service.cs -- --Store "Host=db;Database=…"    as many hosts as wished, on one PostgreSQL server
//
// Invoices and mails go to out/ (or --Out FOLDER). It says where it listens; /health/live and /health/ready are for whoever watches it. From any terminal:
//
//   fletcher deployments                                             what it starts, and when
//   fletcher backfill Billing.InvoiceMonth --from 2025-01-01 --to 2026-01-01 --at-most 3
//
// docs/from-script-to-service.md walks through it.

using System.Globalization;
using Fletcher;
using Fletcher.Hosting;
using Fletcher.Scheduling;
using Fletcher.Storage.PostgreSql;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture; // what it writes does not depend on the machine's language

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddFletcher(fletcher =>
{
    if (builder.Configuration["Store"] is { } store && store.Contains("Host=", StringComparison.OrdinalIgnoreCase))
        fletcher.UsePostgreSql(store);
    else
        fletcher.UseSqlite(builder.Configuration["Store"]);
    fletcher.Limits.Add("mail", slots: 20);
});
builder.Services.AddHealthChecks().AddFletcher();
builder.Services.AddSingleton<Usage>();
builder.Services.AddSingleton<Outbox>();
builder.Services.AddScoped<Billing>();

var app = builder.Build();
app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
app.Run();

sealed class Billing(Usage usage, Outbox outbox, ILogger<Billing> logger)
{
    [Flow(Name = "billing {day:yyyy-MM}", Schedule = "0 6 1 * *", Zone = "Europe/Berlin", CatchUp = CatchUpPolicy.All, Overlap = OverlapPolicy.Queue)]
    public async Task<Summary> InvoiceMonth([ScheduledTime] DateOnly day)
    {
        var month = day.AddMonths(-1);
        var airports = Aggregate(month);
        var invoices = await Flow.Map(airports, CreateInvoice);
        var mails = await Flow.Map(invoices, SendInvoice, failure: MapFailure.Collect);

        // An invoice that failed to be sent fails the run; one that may or may not have been sent is for a person.
        var failed = mails.Failures.FirstOrDefault(mail => mail.Outcome.Kind != OutcomeKind.Unknown);
        if (failed.Outcome.Error is { } error)
            throw error;
        var summary = new Summary(
            invoices.Count, invoices.Sum(invoice => invoice.Total), mails.Outcomes.Count(mail => mail.IsSuccess), [.. mails.Failures.Select(mail => invoices[mail.Index].Airport)]);
        logger.LogInformation("{Month:yyyy-MM}: {Invoices} invoices, {Total:N2} USD; {Sent} sent, {InDoubt} in doubt.", month, summary.Invoices, summary.Total, summary.Sent, summary.InDoubt.Length);
        return summary;
    }

    /// <summary>Totals the month by the airport that the flights left from: that is who pays.</summary>
    [Step(ReadOnly = true)]
    private Departures[] Aggregate(DateOnly month) => usage.Of(month);

    [Step(Name = "invoice {airport.Airport}")]
    private Invoice CreateInvoice(Departures airport)
    {
        var invoice = new Invoice(airport.Month, airport.Airport, airport.Flights * Prices.For(airport.Flights));
        outbox.Write(Path.Combine("invoices", $"{invoice.Month:yyyy-MM}", $"{invoice.Airport}.txt"), $"{airport.Flights} departures from {airport.Airport}: {invoice.Total:N2} USD\n");
        return invoice;
    }

    /// <summary>Mails an invoice. Nobody wants the same invoice twice, so it is sent at most once.</summary>
    [Step(Name = "mail {invoice.Airport}", Delivery = Delivery.AtMostOnce, Timeout = "1m", Limit = "mail")]
    private async Task SendInvoice(Invoice invoice, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken); // as long as a quick mail server takes
        outbox.Write(
            Path.Combine("mails", $"{invoice.Month:yyyy-MM}-{invoice.Airport}-{Guid.NewGuid():N}.eml"),
            $"To: {invoice.Airport.ToLowerInvariant()}@example.org\nSubject: Invoice for {invoice.Month:MMMM yyyy}: {invoice.Total:N2} USD\n\nYour invoice is attached.\n");
    }
}

/// <summary>An airport's flights of a month.</summary>
record Departures(DateOnly Month, string Airport, long Flights);

record Invoice(DateOnly Month, string Airport, decimal Total);

record Summary(int Invoices, decimal Total, int Sent, string[] InDoubt);

static class Prices
{
    /// <summary>The price of a departure falls with the number of departures.</summary>
    public static decimal For(long flights) => flights switch
    {
        < 1_000 => 24.00m,
        < 10_000 => 19.50m,
        < 100_000 => 16.00m,
        _ => 12.75m,
    };
}

/// <summary>What was flown: samples/billing/data/flights-airport.csv has a year of it, and each month is taken for a twelfth.</summary>
sealed class Usage
{
    private static readonly string Data = Environment.GetEnvironmentVariable("BILLING_DATA")
        ?? Path.Combine((string?)AppContext.GetData("EntryPointFileDirectoryPath") ?? ".", "..", "billing", "data");

    private readonly Lazy<(string Airport, long Flights)[]> _year = new(Read);

    public Departures[] Of(DateOnly month) => [.. _year.Value.Select(airport => new Departures(month, airport.Airport, (airport.Flights + 11) / 12))];

    private static (string Airport, long Flights)[] Read()
    {
        var file = Path.Combine(Data, "flights-airport.csv");
        var lines = File.ReadAllLines(file);
        if (lines is not ["origin,destination,count", ..])
            throw new InvalidDataException($"{file}, line 1: the columns origin,destination,count are expected.");
        return [.. lines.Skip(1)
            .Select((line, at) => line.Split(',') is [var origin, _, var count] && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var flights)
                ? (origin, flights)
                : throw new InvalidDataException($"{file}, line {at + 2}: an origin, a destination and a number are expected ('{line}')."))
            .GroupBy(route => route.origin, (airport, routes) => (airport, routes.Sum(route => route.flights)))
            .OrderBy(airport => airport.airport, StringComparer.Ordinal)];
    }
}

/// <summary>A folder that stands for a mail server and an archive.</summary>
sealed class Outbox(IConfiguration configuration)
{
    private readonly string _folder = Path.GetFullPath(configuration["Out"] ?? "out");

    /// <summary>Writes a file whole or not at all.</summary>
    public void Write(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file + ".part", text);
        File.Move(file + ".part", file, overwrite: true);
    }
}
