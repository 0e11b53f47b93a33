using System.Globalization;
using System.Text.RegularExpressions;
using Fletcher.EndToEnd.Running;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;

namespace Fletcher.EndToEnd.Billing;

/// <summary>A place of its own for the sample: its store and what it makes.</summary>
internal sealed partial class BillingFolder(BillingSample sample) : IDisposable
{
    public const int Airports = 303;
    public const long Flights = 7_009_728;

    private readonly TemporaryFolder _folder = new();

    public string Out => _folder["out"];

    public Dictionary<string, string?> Environment { get; } = [];

    public string Store => _folder["store/fletcher.db"];

    /// <summary>Runs the sample to its end.</summary>
    public Task<Ended> Run(params string[] arguments) =>
        Start.Program(sample.Program, ["--out", Out, .. arguments], All());

    /// <summary>Runs the sample and kills it (SIGKILL) when the token says so, unless it has ended.</summary>
    public Task<Ended> RunUntil(CancellationToken kill) => Start.Program(sample.Program, ["--out", Out], All(), kill);

    /// <summary>The invoices of a month: the airport and its number of flights, as the invoice shows them.</summary>
    public Dictionary<string, long> ReadInvoices(string month)
    {
        var invoices = new Dictionary<string, long>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Out, "invoices", month), "*.html"))
        {
            var total = Total().Match(File.ReadAllText(file));
            Assert.True(total.Success, $"{file} has no total.");
            invoices.Add(Path.GetFileNameWithoutExtension(file), Number(total.Groups[1].Value));
        }

        return invoices;
    }

    /// <summary>The airports that mails in the outbox are addressed to, one entry a mail.</summary>
    public List<string> ReadMails()
    {
        var outbox = Path.Combine(Out, "outbox");
        return Directory.Exists(outbox) ? [.. Directory.EnumerateFiles(outbox, "*.eml").Select(file => Recipient(File.ReadAllText(file)))] : [];
    }

    /// <summary>What the store holds about the month, read from a copy so that the store stays as the process left it.</summary>
    public async Task<(FlowRunRecord? Run, Dictionary<int, StepRunRecord> Steps)> ReadStore()
    {
        using var copy = new TemporaryFolder();
        foreach (var suffix in (string[])["", "-wal"])
        {
            if (File.Exists(Store + suffix))
                File.Copy(Store + suffix, copy["fletcher.db" + suffix]);
        }

        await using var store = new SqliteStore(copy["fletcher.db"]);
        await store.OpenAsync(TestContext.Current.CancellationToken);
        var runs = await store.GetFlowRunsAsync(new FlowRunQuery(), TestContext.Current.CancellationToken);
        if (runs.Count == 0)
            return (null, []);
        var run = Assert.Single(runs);
        return (run, await store.GetStepRunsAsync(run.Id, TestContext.Current.CancellationToken).ToDictionaryAsync(step => step.Sequence));
    }

    /// <summary>The airport that a mail is addressed to.</summary>
    public static string Recipient(string mail)
    {
        var to = To().Match(mail);
        Assert.True(to.Success, $"A mail has no recipient: {mail[..Math.Min(mail.Length, 500)]}");
        return to.Groups[1].Value.ToUpperInvariant();
    }

    public static long Number(string text) => long.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    public void Dispose() => _folder.Dispose();

    private Dictionary<string, string?> All() => new(Environment) { ["FLETCHER_STORE"] = Store };

    [GeneratedRegex(@"<tfoot>.*<td>Total</td><td>([\d,]+)</td>")]
    private static partial Regex Total();

    // The header may be folded before the address.
    [GeneratedRegex(@"^To:[^<]*<(\w+)@example\.org>", RegexOptions.Multiline)]
    private static partial Regex To();
}
