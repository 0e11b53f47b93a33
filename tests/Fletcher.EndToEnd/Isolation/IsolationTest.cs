using System.Globalization;
using Fletcher.EndToEnd.Running;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;

namespace Fletcher.EndToEnd.Isolation;

/// <summary>A store of the test's own, and what it has of the one run in it.</summary>
public abstract class IsolationTest : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private protected string Store => _folder["store.db"];

    private protected Child Begin(params string[] arguments) => new(Store, false, arguments);

    private protected Child BeginWell(params string[] arguments) => new(Store, true, arguments);

    private protected async Task<Ended> Play(params string[] arguments) => await Start.Scenario(Store, arguments);

    private protected async Task<FlowRunRecord> ReadRun() => Assert.Single(await Read(store => store.GetFlowRunsAsync(new FlowRunQuery(), default)));

    private protected async Task<IReadOnlyList<LogLine>> ReadLogs(RunId run) => await Read(store => store.GetLogsAsync(run, null, 1000, default));

    private protected async Task<IReadOnlyList<LedgerEntry>> ReadLedger(RunId run) => await Read(store => store.GetLedgerAsync(run, default));

    private protected async Task<List<StepRunRecord>> ReadSteps(RunId run)
    {
        await using var store = new SqliteStore(Store);
        await store.OpenAsync(TestContext.Current.CancellationToken);
        return await store.GetStepRunsAsync(run, TestContext.Current.CancellationToken).ToListAsync();
    }

    /// <summary>The process ids that the run's code has said, in their order.</summary>
    private protected static List<int> Pids(string output) =>
    [
        .. output.Split('\n').Where(line => line.StartsWith("pid ", StringComparison.Ordinal)).Select(line => int.Parse(line[4..], CultureInfo.InvariantCulture)),
    ];

    /// <summary>Waits until a process is gone that is not the test's own child.</summary>
    private protected static async Task IsGone(int pid)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (Directory.Exists($"/proc/{pid}"))
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<T> Read<T>(Func<SqliteStore, ValueTask<T>> read)
    {
        await using var store = new SqliteStore(Store);
        await store.OpenAsync(TestContext.Current.CancellationToken);
        return await read(store);
    }
}
