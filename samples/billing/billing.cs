#!/usr/bin/env dotnet
#:project ../../src/Fletcher/Fletcher.csproj
#:package MailKit@4.18.2
#:package System.Security.Cryptography.Pkcs@10.0.14

// A monthly billing run: load the month's usage, total it by customer, make an invoice for each, and send them.
//
//   dotnet run billing.cs                       bills November 2008
//   dotnet run billing.cs -- --month 2008-10    bills another month
//   dotnet run billing.cs -- --break            bills December, while a colleague renames a table
//   dotnet run billing.cs -- --fix              puts the table back and goes on where December failed
//
// Invoices and mails go to out/ (or --out FOLDER); with SMTP_HOST set (and SMTP_PORT, SMTP_FROM) they are really sent.

using System.Globalization;
using System.Text.Encodings.Web;
using Fletcher;
using MailKit.Net.Smtp;
using Microsoft.Data.Sqlite;
using MimeKit;

var arguments = Arguments.Parse(args);
if (arguments is null)
    return 2;

Place.Root = arguments.Out;
Directory.CreateDirectory(Place.Root);
Colleague.IsAround = arguments.Break;
if (arguments.Fix)
    Colleague.PutsTheTableBack();

var summary = await Billing.InvoiceMonth(arguments.Month);

Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"{summary.Invoices} invoices for {summary.Flights:N0} flights, {summary.Total:N2} USD; {summary.Sent} sent, {summary.InDoubt.Length} in doubt."));
foreach (var airport in summary.InDoubt)
    Console.WriteLine($"  In doubt (Unknown): {airport}. Ask the customer whether the mail arrived.");
return 0;

static class Billing
{
    [Flow(Name = "billing {month:yyyy-MM}", Once = "{month:yyyy-MM}", OnRerun = OnRerun.Resume)]
    public static async Task<Summary> InvoiceMonth(DateOnly month)
    {
        LoadUsage(month);
        Colleague.Visits();

        var usage = AggregateUsage(month);
        var invoices = await Flow.Map(usage, CreateInvoice);
        var mails = await Flow.Map(invoices, SendInvoice, failure: MapFailure.Collect);

        // An invoice that failed to be sent fails the run; one that may or may not have been sent is for a person.
        var failed = mails.Failures.FirstOrDefault(mail => mail.Outcome.Kind != OutcomeKind.Unknown);
        if (failed.Outcome.Error is { } error)
            throw error;
        return new Summary(
            invoices.Count, usage.Sum(u => u.Flights), invoices.Sum(i => i.Total), mails.Outcomes.Count(m => m.IsSuccess),
            [.. mails.Failures.Select(mail => invoices[mail.Index].Airport)]);
    }

    /// <summary>Loads the month's flights into the usage database. Loading a month again replaces it.</summary>
    [Step]
    static int LoadUsage(DateOnly month)
    {
        var routes = Csv.Read(Place.Data("flights-airport.csv"), "origin", "destination", "count");
        var airports = Csv.Read(Place.Data("airports.csv"), "iata", "name", "city", "state");

        using var database = Database.Open();
        using var transaction = database.BeginTransaction();
        database.Run(
            """
            CREATE TABLE IF NOT EXISTS usage_facts (month TEXT, origin TEXT, destination TEXT, flights INTEGER);
            CREATE TABLE IF NOT EXISTS airports (iata TEXT PRIMARY KEY, name TEXT, city TEXT, state TEXT);
            """);
        database.Run("DELETE FROM usage_facts WHERE month = $0", month);
        foreach (var route in routes)
            database.Run("INSERT INTO usage_facts VALUES ($0, $1, $2, $3)", month, route[0], route[1], Csv.Number(route[2]));
        foreach (var airport in airports)
            database.Run("INSERT OR REPLACE INTO airports VALUES ($0, $1, $2, $3)", airport[0], airport[1], airport[2], airport[3]);
        transaction.Commit();

        Console.WriteLine($"Loaded {routes.Count} routes and {airports.Count} airports.");
        return routes.Count;
    }

    /// <summary>Totals the month by the airport that the flights left from: that is who pays.</summary>
    [Step(ReadOnly = true)]
    static Usage[] AggregateUsage(DateOnly month)
    {
        using var database = Database.Open();
        var lines = database.Query(
            """
            SELECT u.origin, o.name, o.city, d.iata, d.name, d.city, SUM(u.flights)
            FROM usage_facts u
            JOIN airports o ON o.iata = u.origin
            JOIN airports d ON d.iata = u.destination
            WHERE u.month = $0
            GROUP BY u.origin, u.destination
            ORDER BY u.origin, SUM(u.flights) DESC
            """,
            row => (Airport: row.GetString(0), Name: row.GetString(1), City: row.GetString(2),
                Line: new UsageLine(row.GetString(3), row.GetString(4), row.GetString(5), row.GetInt64(6))),
            month);
        return [.. lines
            .GroupBy(line => (line.Airport, line.Name, line.City))
            .Select(airport => new Usage(
                month, airport.Key.Airport, airport.Key.Name, airport.Key.City, airport.Sum(l => l.Line.Flights),
                [.. airport.Select(l => l.Line)]))];
    }

    /// <summary>Prices an airport's flights and writes its invoice.</summary>
    [Step(Name = "invoice {usage.Airport}")]
    static Invoice CreateInvoice(Usage usage)
    {
        var lines = usage.Lines.Select(line => new InvoiceLine(line, Prices.For(usage.Flights) * line.Flights)).ToArray();
        var invoice = new Invoice(usage.Month, usage.Airport, usage.Name, lines.Sum(l => l.Amount), Place.Invoice(usage.Month, usage.Airport));
        Place.Write(invoice.File, Page.Of(usage, invoice, lines));
        return invoice;
    }

    /// <summary>Mails an invoice. Nobody wants the same invoice twice, so it is sent at most once.</summary>
    [Step(Name = "mail {invoice.Airport}", Delivery = Delivery.AtMostOnce, Timeout = "1m")]
    static async Task SendInvoice(Invoice invoice, CancellationToken cancellationToken)
    {
        var message = new MimeMessage();
        message.From.Add(MailboxAddress.Parse(Environment.GetEnvironmentVariable("SMTP_FROM") ?? "billing@example.org"));
        message.To.Add(new MailboxAddress(invoice.Name, $"{invoice.Airport.ToLowerInvariant()}@example.org"));
        message.Subject = string.Create(CultureInfo.InvariantCulture, $"Invoice {invoice.Airport} for {invoice.Month:MMMM yyyy}: {invoice.Total:N2} USD");
        var body = new BodyBuilder { TextBody = "Your invoice is attached." };
        await body.Attachments.AddAsync(invoice.File, cancellationToken);
        message.Body = body.ToMessageBody();

        if (Environment.GetEnvironmentVariable("SMTP_HOST") is not { Length: > 0 } server)
        {
            Place.Write(Place.Mail(message.MessageId!), message.ToString());
            return;
        }

        using var smtp = new SmtpClient();
        var port = int.Parse(Environment.GetEnvironmentVariable("SMTP_PORT") ?? "25", CultureInfo.InvariantCulture);
        await smtp.ConnectAsync(server, port, MailKit.Security.SecureSocketOptions.Auto, cancellationToken);
        await smtp.SendAsync(message, cancellationToken);
        await smtp.DisconnectAsync(true, cancellationToken);
    }
}

/// <summary>An airport's flights of a month.</summary>
record Usage(DateOnly Month, string Airport, string Name, string City, long Flights, UsageLine[] Lines);

record UsageLine(string Destination, string Name, string City, long Flights);

record InvoiceLine(UsageLine Usage, decimal Amount);

record Invoice(DateOnly Month, string Airport, string Name, decimal Total, string File);

record Summary(int Invoices, long Flights, decimal Total, int Sent, string[] InDoubt);

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

/// <summary>He means well: the table's name was not quite right.</summary>
static class Colleague
{
    public static bool IsAround { get; set; }

    public static void Visits()
    {
        // Once: whoever puts the table back and resumes the run must not meet him again.
        if (!IsAround || Flow.Current.FlowAttempt > 1)
            return;
        using var database = Database.Open();
        if (database.HasTable("usage_facts"))
            database.Run("ALTER TABLE usage_facts RENAME TO product_usage_facts");
    }

    public static void PutsTheTableBack()
    {
        using var database = Database.Open();
        if (database.HasTable("product_usage_facts"))
            database.Run("ALTER TABLE product_usage_facts RENAME TO usage_facts");
    }
}

static class Place
{
    public static string Root { get; set; } = "";

    static string Here => (string)AppContext.GetData("EntryPointFileDirectoryPath")!;

    public static string Output => Path.Combine(Here, "out");

    public static string Data(string file) => Path.Combine(Environment.GetEnvironmentVariable("BILLING_DATA") ?? Path.Combine(Here, "data"), file);

    public static string Database => Path.Combine(Root, "usage.db");

    public static string Invoice(DateOnly month, string airport) =>
        Path.Combine(Root, "invoices", month.ToString("yyyy-MM", CultureInfo.InvariantCulture), $"{airport}.html");

    public static string Mail(string id) => Path.Combine(Root, "outbox", $"{id}.eml");

    /// <summary>Writes a file whole or not at all.</summary>
    public static void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file + ".part", text);
        File.Move(file + ".part", file, overwrite: true);
    }
}

static class Database
{
    public static SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={Place.Database}");
        connection.Open();
        return connection;
    }

    public static void Run(this SqliteConnection connection, string sql, params object[] values)
    {
        using var command = connection.Command(sql, values);
        command.ExecuteNonQuery();
    }

    public static List<T> Query<T>(this SqliteConnection connection, string sql, Func<SqliteDataReader, T> read, params object[] values)
    {
        using var command = connection.Command(sql, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    public static bool HasTable(this SqliteConnection connection, string table) =>
        connection.Query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $0", row => row.GetInt64(0), table).Count > 0;

    static SqliteCommand Command(this SqliteConnection connection, string sql, object[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue($"${i}", values[i] is DateOnly day ? day.ToString("yyyy-MM", CultureInfo.InvariantCulture) : values[i]);
        return command;
    }
}

static class Csv
{
    /// <summary>Reads a file whose first line names the columns, and gives the wanted ones in the wanted order.</summary>
    public static List<string[]> Read(string file, params string[] wanted)
    {
        var text = File.ReadAllText(file);
        if (text.Length == 0)
            throw new InvalidDataException($"{file} is empty: its first line should name the columns {string.Join(", ", wanted)}.");
        if (!text.EndsWith('\n'))
            throw new InvalidDataException($"{file} ends in the middle of a line ('{text.Split('\n')[^1]}'): it is not complete.");
        var lines = text.TrimEnd('\n').Split('\n');
        var columns = Split(lines[0]);
        var places = wanted.Select(name => Array.IndexOf(columns, name) is var at and >= 0
            ? at
            : throw new InvalidDataException($"{file}, line 1: there is no column '{name}' (found: {lines[0]}).")).ToArray();

        var rows = new List<string[]>(lines.Length);
        for (var i = 1; i < lines.Length; i++)
        {
            var fields = Split(lines[i]);
            if (fields.Length != columns.Length)
            {
                throw new InvalidDataException(
                    $"{file}, line {i + 1}: {fields.Length} fields where {columns.Length} are expected ('{lines[i]}'). Is the file complete?");
            }

            rows.Add([.. places.Select(at => fields[at])]);
        }

        return rows;
    }

    public static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    static string[] Split(string line)
    {
        var fields = new List<string>();
        var field = new System.Text.StringBuilder();
        var quoted = false;
        foreach (var c in line)
        {
            if (c == '"')
                quoted = !quoted;
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
                field.Append(c);
        }

        fields.Add(field.ToString());
        return [.. fields];
    }
}

static class Page
{
    public static string Of(Usage usage, Invoice invoice, InvoiceLine[] lines)
    {
        string Text(string text) => HtmlEncoder.Default.Encode(text);
        var rows = lines.Select(line => string.Create(CultureInfo.InvariantCulture,
            $"<tr><td>{line.Usage.Destination}</td><td>{Text(line.Usage.Name)}, {Text(line.Usage.City)}</td><td>{line.Usage.Flights:N0}</td><td>{line.Amount:N2}</td></tr>"));
        return string.Create(CultureInfo.InvariantCulture,
            $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><title>Invoice {{usage.Airport}} {{usage.Month:yyyy-MM}}</title>
            <style>
              body { font: 15px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; color: #222; }
              table { border-collapse: collapse; width: 100%; }
              th, td { padding: .3rem .6rem; text-align: left; border-bottom: 1px solid #ddd; }
              td:nth-child(n+3), th:nth-child(n+3) { text-align: right; font-variant-numeric: tabular-nums; }
              tfoot td { font-weight: 600; border-bottom: none; }
            </style></head>
            <body>
            <h1>Invoice</h1>
            <p>{{Text(usage.Name)}} ({{usage.Airport}}), {{Text(usage.City)}}<br>{{usage.Month:MMMM yyyy}}</p>
            <table>
            <thead><tr><th>To</th><th>Airport</th><th>Departures</th><th>USD</th></tr></thead>
            <tbody>
            {{string.Join('\n', rows)}}
            </tbody>
            <tfoot><tr><td></td><td>Total</td><td>{{usage.Flights:N0}}</td><td>{{invoice.Total:N2}}</td></tr></tfoot>
            </table>
            </body>
            </html>
            """);
    }
}

record Arguments(DateOnly Month, bool Break, bool Fix, string Out)
{
    public static Arguments? Parse(string[] args)
    {
        var result = new Arguments(new DateOnly(2008, 11, 1), false, false, Place.Output);
        var december = new DateOnly(2008, 12, 1);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--break":
                    result = result with { Break = true, Month = december };
                    break;
                case "--fix":
                    result = result with { Fix = true, Month = december };
                    break;
                case "--month" when i + 1 < args.Length
                    && DateOnly.TryParseExact(args[i + 1], "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var month):
                    result = result with { Month = month };
                    i++;
                    break;
                case "--out" when i + 1 < args.Length:
                    result = result with { Out = Path.GetFullPath(args[++i]) };
                    break;
                default:
                    Console.Error.WriteLine($"'{args[i]}' is not understood. Usage: billing.cs [--month yyyy-MM] [--break | --fix] [--out FOLDER]");
                    return null;
            }
        }

        return result;
    }
}
