using Fletcher.EndToEnd.Running;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Fletcher.EndToEnd.Signals;

/// <summary>
/// A program that is stopped inside a step (SIGSTOP: a suspended laptop, a debugger) for longer than a host may be silent, and goes on (SIGCONT) when another
/// one has ended its run. FLETCHER_TEST_LONG=1 leaves it stopped for 30 seconds at least.
/// </summary>
public sealed class StoppedProcessTests : IDisposable
{
    private static readonly TimeSpan LongStop = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    private string Store => _folder["store.db"];

    [Fact]
    public async Task A_program_that_was_stopped_stops_its_step_says_so_and_writes_nothing()
    {
        await using var stopped = new Child(Store, false, "works-once");
        await stopped.Says("works");
        await stopped.Signal("STOP");
        while (IsLocked())
        {
            // Stopped inside a transaction it keeps everybody from writing until it goes on: that is SQLite's, and not what this is about.
            await stopped.Signal("CONT");
            await stopped.Signal("STOP");
        }

        var began = TimeProvider.System.GetTimestamp();

        await using var successor = new Child(Store, true, "works-once");
        var second = (await successor.End()).With(0);
        Assert.Equal(["works", "cleaned up", "done"], second.OutLines);
        var before = await ReadStore();
        if (Environment.GetEnvironmentVariable("FLETCHER_TEST_LONG") == "1" && LongStop - TimeProvider.System.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
            await Task.Delay(left, TestContext.Current.CancellationToken);
        await stopped.Signal("CONT");
        var first = (await stopped.End()).With(1).WithoutDump();

        // Its step got its token, and a person who looks at its console knows why.
        Assert.Contains("told to stop", first.OutLines);
        Assert.Contains(first.ErrorLines, line => line.Contains("FLT1105", StringComparison.Ordinal));
        var after = await ReadStore();
        Assert.Equivalent(before.Runs, after.Runs);
        Assert.Equivalent(before.Steps, after.Steps);
        Assert.All(after.Runs, run => Assert.Equal(FlowRunState.Completed, run.State));
        Assert.All(after.Steps, step => Assert.Equal(StepRunState.Completed, step.State));
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private bool IsLocked()
    {
        using var database = new SqliteConnection($"Data Source={Store};Pooling=False;Default Timeout=1");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE; ROLLBACK";
        try
        {
            command.ExecuteNonQuery();
            return false;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == 5)
        {
            return true;
        }
    }

    private async Task<(IReadOnlyList<FlowRunRecord> Runs, List<StepRunRecord> Steps)> ReadStore()
    {
        await using var store = new SqliteStore(Store);
        await store.OpenAsync(TestContext.Current.CancellationToken);
        var runs = await store.GetFlowRunsAsync(new FlowRunQuery(), TestContext.Current.CancellationToken);
        var steps = new List<StepRunRecord>();
        foreach (var run in runs)
            steps.AddRange(await store.GetStepRunsAsync(run.Id, TestContext.Current.CancellationToken).ToListAsync());
        return (runs, steps);
    }
}
