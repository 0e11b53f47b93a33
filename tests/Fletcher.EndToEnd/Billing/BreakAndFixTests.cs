using System.Text.RegularExpressions;
using CliWrap;
using Fletcher.EndToEnd.Running;
using Microsoft.Data.Sqlite;

namespace Fletcher.EndToEnd.Billing;

public sealed partial class BreakAndFixTests(BillingSample sample)
{
    [Fact]
    public async Task A_broken_month_is_explained_and_goes_on_where_it_failed()
    {
        using var billing = new BillingFolder(sample);

        (await billing.Run()).With(0);
        var broken = (await billing.Run("--break")).With(1).WithoutDump();
        var mailsBefore = billing.ReadMails().Count;
        var fix = (await billing.Run("--fix")).With(0);

        Assert.Contains("billing 2008-12) failed in Billing.AggregateUsage", broken.Error, StringComparison.Ordinal);
        Assert.Contains("no such table: usage_facts", broken.Error, StringComparison.Ordinal);
        Assert.Matches(Place(), broken.Error);
        Assert.Contains("a table 'product_usage_facts' exists", broken.Error, StringComparison.Ordinal);
        Assert.Matches(NotRun(), broken.Error);
        Assert.Matches(Command(), broken.Error);
        Assert.Equal(BillingFolder.Airports, mailsBefore);

        Assert.Contains("Billing.LoadUsage  reused", fix.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Loaded", fix.Out, StringComparison.Ordinal);
        Assert.Contains("303 sent, 0 in doubt", fix.Out, StringComparison.Ordinal);
        Assert.Equal(2 * BillingFolder.Airports, billing.ReadMails().Count);
        Assert.Equal(BillingFolder.Flights, billing.ReadInvoices("2008-12").Values.Sum());
    }

    [Fact]
    public async Task The_command_that_was_printed_resumes_the_run()
    {
        using var billing = new BillingFolder(sample);

        var broken = (await billing.Run("--break")).With(1);
        var command = Command().Match(broken.Error);
        Assert.True(command.Success, broken.Error);
        PutTheTableBack(billing);

        // As a person does who copies it into a shell. The program that it names is the file, so this builds it once more.
        var resumed = (await Start.Program(
            "bash", ["-c", command.Value.Trim()], new Dictionary<string, string?> { ["FLETCHER_STORE"] = billing.Store })).With(0);

        Assert.Contains("Billing.LoadUsage  reused", resumed.Error, StringComparison.Ordinal);
        Assert.Contains("303 sent, 0 in doubt", resumed.Out, StringComparison.Ordinal);
        Assert.Equal(BillingFolder.Airports, billing.ReadMails().Distinct().Count());
    }

    private static void PutTheTableBack(BillingFolder billing)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(billing.Out, "usage.db")};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "ALTER TABLE product_usage_facts RENAME TO usage_facts";
        command.ExecuteNonQuery();
    }

    [GeneratedRegex(@"at \S+  \S*billing\.cs:\d+\r?\n")]
    private static partial Regex Place();

    [GeneratedRegex(@"Did not run because of it\r?\n\s+\S Billing\.CreateInvoice\r?\n\s+\S Billing\.SendInvoice\r?\n")]
    private static partial Regex NotRun();

    [GeneratedRegex(@"FLETCHER_RETRY=\w{26} .*billing\.cs -- --out .*--break")]
    private static partial Regex Command();
}
