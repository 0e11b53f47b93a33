using Microsoft.Data.Sqlite;

namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>What the tests of the SQLite store share: a folder, stores in it, a look at the database behind them.</summary>
public abstract class SqliteTest : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected string Folder => _folder.Path;

    protected string Database => _folder.Database;

    protected string File(string name) => _folder.File(name);

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected async Task<SqliteStore> OpenAsync(string? path = null, TimeSpan? busyTimeout = null)
    {
        var store = new SqliteStore(new SqliteStoreOptions
        {
            Path = path ?? Database,
            BusyTimeout = busyTimeout ?? TimeSpan.FromSeconds(30),
        });
        try
        {
            await store.OpenAsync(Cancellation);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    protected static ValueTask WriteAsync(IRunStore store, params object[] records)
    {
        var batch = new WriteBatch();
        foreach (var record in records)
        {
            if (record is Model.FlowRunRecord flowRun)
                batch.FlowRuns.Add(flowRun);
            else
                batch.StepRuns.Add((Model.StepRunRecord)record);
        }

        return store.WriteAsync(batch, Cancellation);
    }

    protected static async Task<List<Model.StepRunRecord>> StepRunsAsync(IRunStore store, Model.RunId run)
    {
        var stepRuns = new List<Model.StepRunRecord>();
        await foreach (var stepRun in store.GetStepRunsAsync(run, Cancellation))
            stepRuns.Add(stepRun);
        return stepRuns;
    }

    /// <summary>A connection of somebody else, not through the store.</summary>
    protected static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    protected static object? Query(string path, string sql)
    {
        using var connection = Connect(path);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>The error has this id, and its text says these things.</summary>
    protected static async Task<StoreUnavailableException> AssertUnavailableAsync(
        string id, Func<Task> action, params string[] fragments)
    {
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(action);
        Assert.Equal(id, error.Id);
        Assert.All(fragments, fragment => Assert.Contains(fragment, error.Message, StringComparison.Ordinal));
        return error;
    }

}
