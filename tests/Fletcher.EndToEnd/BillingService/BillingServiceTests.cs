using System.Text.Json;
using Fletcher.EndToEnd.Running;
using Fletcher.Model;
using Fletcher.PostgreSqlServer;
using Fletcher.Storage;
using Fletcher.Storage.PostgreSql;
using Fletcher.Storage.Sqlite;

namespace Fletcher.EndToEnd.BillingService;

/// <summary>samples/billing-service: a year of months that nobody billed is filled by hosts, of which one is killed in the middle.</summary>
public sealed class BillingServiceTests(BillingServiceSample sample) : IDisposable
{
    private const int Months = 12;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hosts_on_PostgreSQL_of_which_one_is_killed_bill_every_month_once()
    {
        Assert.SkipWhen(PostgreSqlInstallation.Folder is null, PostgreSqlInstallation.Missing);
        await using var server = await PrivateServer.StartAsync();
        var program = await sample.GetProgramAsync();
        await using var one = new ServiceProcess(program, server.ConnectionString, _folder);
        await one.StartAsync();
        await using var two = new ServiceProcess(program, server.ConnectionString, _folder);
        await two.StartAsync();

        await using var store = new PostgreSqlStore(server.ConnectionString);
        await FillAsync(server.ConnectionString, store, [one, two]);
    }

    [Fact]
    public async Task One_host_on_a_file_that_is_killed_and_started_again_bills_every_month_once()
    {
        var file = _folder["runs.db"];
        var program = await sample.GetProgramAsync();
        await using var one = new ServiceProcess(program, file, _folder);
        await one.StartAsync();

        await using var store = new SqliteStore(file);
        await using var again = await FillAsync(file, store, [one], () => new ServiceProcess(program, file, _folder));
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    /// <summary>Fills the year, kills a host that has runs of it, and checks that every month has its run, and no invoice was mailed twice.</summary>
    private async Task<ServiceProcess?> FillAsync(string place, IRunStore store, ServiceProcess[] hosts, Func<ServiceProcess>? restart = null)
    {
        await store.OpenAsync(Cancellation);
        Assert.Equal((Months, 0), await BackfillAsync(place, "--dry-run"));
        Assert.Equal((Months, 0), await BackfillAsync(place));

        await UntilAsync(() => Task.FromResult(Mails().Count > 400), "400 mails");
        ServiceProcess? killed = null;
        await UntilAsync(
            async () =>
            {
                foreach (var host in await store.GetLivingHostsAsync(Cancellation))
                {
                    if ((await store.GetRunsOfHostAsync(host.Id, default, 1, Cancellation)).Count > 0)
                        killed = hosts.Single(process => process.Id == host.ProcessId);
                }

                return killed is not null;
            },
            "a host with a run");
        await killed!.KillAsync();
        var again = restart?.Invoke();

        List<FlowRunRecord> runs = [];
        await UntilAsync(
            async () =>
            {
                runs = [.. (await store.GetFlowRunsAsync(new FlowRunQuery { Limit = 100 }, Cancellation)).Where(run => run.Flow == "Billing.InvoiceMonth")];
                return runs.Count == Months && runs.TrueForAll(run => run.State.IsEnd());
            },
            "the end of all runs");

        Assert.All(runs, run => Assert.Equal((run.Name, FlowRunState.Completed), (run.Name, run.State)));
        Assert.Equal(Enumerable.Range(1, Months).Select(month => $"billing 2025-{month:00}"), runs.Select(run => run.Name!).Order(StringComparer.Ordinal));
        Assert.Contains(runs, run => run.Attempt > 1); // the kill fell into one
        Assert.All(Mails().CountBy(mail => mail), mail => Assert.True(mail.Value == 1, $"{mail.Key} was mailed {mail.Value} times"));
        foreach (var run in runs)
            await CheckAsync(store, run);
        Assert.Equal((0, Months), await BackfillAsync(place));
        return again;
    }

    /// <summary>Each invoice of a month was mailed, or may have been when the host was killed.</summary>
    private async Task CheckAsync(IRunStore store, FlowRunRecord run)
    {
        using var summary = JsonDocument.Parse(await store.ReadValueAsync(run.Result!, Cancellation));
        var invoices = summary.RootElement.GetProperty("invoices").GetInt32();
        var inDoubt = summary.RootElement.GetProperty("inDoubt").GetArrayLength();
        var month = DateOnly.ParseExact(run.Name!, "'billing 'yyyy-MM", null).AddMonths(-1).ToString("yyyy-MM", null);
        var mailed = Mails().Count(mail => mail.StartsWith(month, StringComparison.Ordinal));

        Assert.True(invoices > 250, $"{run.Name} has {invoices} invoices");
        Assert.Equal(invoices, Directory.GetFiles(_folder[Path.Combine("out", "invoices", month)], "*.txt").Length);
        Assert.Equal(invoices, summary.RootElement.GetProperty("sent").GetInt32() + inDoubt);
        Assert.InRange(mailed, invoices - inDoubt, invoices);
        if (run.Attempt == 1)
            Assert.Equal(0, inDoubt);
    }

    /// <summary>Month and airport of each mail.</summary>
    private List<string> Mails()
    {
        var folder = new DirectoryInfo(_folder[Path.Combine("out", "mails")]);
        return folder.Exists ? [.. folder.EnumerateFiles("*.eml").Select(mail => mail.Name[.."2025-01-ATL".Length])] : [];
    }

    /// <summary>How many months are to be filled, and how many have runs.</summary>
    private static async Task<(int Missing, int Present)> BackfillAsync(string place, params string[] options)
    {
        var ended = await Start.Program(
            Repository.Command,
            ["backfill", "Billing.InvoiceMonth", "--from", "2025-01-01", "--to", "2026-01-01", "--at-most", "3", "--store", place, "--json", .. options],
            new Dictionary<string, string?>());
        using var json = JsonDocument.Parse(ended.With(0).Out);
        return (json.RootElement.GetProperty("times").GetArrayLength(), json.RootElement.GetProperty("present").GetInt32());
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        // Another process does it: nobody tells.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Limit);
        while (!await condition())
        {
            try
            {
                await Task.Delay(20, limit.Token);
            }
            catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
            {
                throw new TimeoutException($"There was not {what} within {Limit}.");
            }
        }
    }
}
