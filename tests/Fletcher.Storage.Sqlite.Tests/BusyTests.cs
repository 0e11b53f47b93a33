using Fletcher.Conformance;
using Microsoft.Data.Sqlite;

namespace Fletcher.Storage.Sqlite.Tests;

public sealed class BusyTests : SqliteTest
{
    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    [Fact]
    public async Task A_write_waits_for_the_lock_of_another_and_then_succeeds()
    {
        await using var store = await OpenAsync();
        using var other = Connect(Database);
        Run(other, "BEGIN IMMEDIATE");
        var run = A.FlowRun() with { OnceKey = "k" };

        var writes = new[]
        {
            WriteAsync(store, run).AsTask(),
            store.PutHostAsync(A.Host(), Cancellation).AsTask(),
            store.TryClaimAsync(run.Id, 0, Guid.CreateVersion7(), A.Instant, Cancellation).AsTask(),
        };
        // Reading needs no turn.
        Assert.Null(await store.GetFlowRunAsync(run.Id, Cancellation));
        Assert.All(writes, write => Assert.False(write.IsCompleted));

        Run(other, "COMMIT");
        await Task.WhenAll(writes).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);
        Assert.NotNull(await store.GetFlowRunAsync(run.Id, Cancellation));
    }

    [Fact]
    public async Task A_lock_that_stays_is_reported_with_what_to_look_for()
    {
        await using var store = await OpenAsync(busyTimeout: TimeSpan.FromMilliseconds(50));
        using var other = Connect(Database);
        Run(other, "BEGIN IMMEDIATE");
        var run = A.FlowRun();

        var error = await AssertUnavailableAsync(
            "FLT1110", () => WriteAsync(store, run).AsTask(), Database, "locked for 0.1 s", "fuser");
        Assert.DoesNotContain("database is locked", error.ToString(), StringComparison.Ordinal);

        Run(other, "ROLLBACK");
        await WriteAsync(store, run);
        Assert.NotNull(await store.GetFlowRunAsync(run.Id, Cancellation));
    }

    [Fact]
    public async Task Opening_waits_for_the_lock_of_another()
    {
        await (await OpenAsync()).DisposeAsync();
        using var other = Connect(Database);
        Run(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; INSERT INTO flows (name) VALUES ('x')");

        var opening = OpenAsync();
        Assert.False(opening.IsCompleted);
        Run(other, "COMMIT");
        other.Close();

        await using var store = await opening.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);
        await WriteAsync(store, A.FlowRun());
    }

    [Fact]
    public async Task Waiting_can_be_cancelled_and_nothing_is_written()
    {
        await using var store = await OpenAsync();
        using var other = Connect(Database);
        Run(other, "BEGIN IMMEDIATE");
        var run = A.FlowRun();
        using var source = new CancellationTokenSource();
        var batch = new WriteBatch();
        batch.FlowRuns.Add(run);

        var write = store.WriteAsync(batch, source.Token).AsTask();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Run(other, "ROLLBACK");
        Assert.Null(await store.GetFlowRunAsync(run.Id, Cancellation));
    }

    [Fact]
    public async Task Two_stores_in_one_process_take_turns()
    {
        await using var first = await OpenAsync();
        await using var second = await OpenAsync();
        var run = A.FlowRun();

        async Task WriteMany(SqliteStore store, int from)
        {
            for (var i = 0; i < 200; i++)
                await WriteAsync(store, A.StepRun(run.Id, from + i));
        }

        await Task.WhenAll(
            Task.Run(() => WriteMany(first, 1), Cancellation), Task.Run(() => WriteMany(second, 1001), Cancellation));

        Assert.Equal(400, (await StepRunsAsync(first, run.Id)).Count);
    }
}
