using System.Globalization;
using Fletcher.Conformance;
using Fletcher.Model;

namespace Fletcher.Storage.PostgreSql.Tests;

/// <summary>What grows with every run is kept by month.</summary>
public sealed class PartitionTests(ServerFixture server) : PostgreSqlTest(server)
{
    [Fact]
    public async Task Rows_are_in_the_month_of_their_runs_and_a_month_is_dropped_at_once()
    {
        await using var store = await OpenAsync();
        var now = TimeProvider.System.GetUtcNow();
        var month = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        RunId[] runs = [At(month.AddTicks(-1)), At(month), At(month.AddMonths(1).AddTicks(-1)), At(month.AddMonths(1))];
        var batch = new WriteBatch();
        foreach (var run in runs)
        {
            batch.FlowRuns.Add(A.FlowRun("F", id: run));
            batch.StepRuns.Add(A.StepRun(run, 1));
            batch.Logs.Add(A.Log(run, 1, "a line"));
            batch.Ledger.Add(A.Ledger(run, "why"));
        }

        await store.WriteAsync(batch, Cancellation);

        foreach (var table in (string[])["step_runs", "log_lines", "ledger_entries"])
        {
            Assert.Equal(1L, await Server.QueryAsync($"SELECT count(*) FROM {Schema}.{table}_other"));
            Assert.Equal(2L, await Server.QueryAsync($"SELECT count(*) FROM {Schema}.{table}_{Name(month)}"));
            Assert.Equal(1L, await Server.QueryAsync($"SELECT count(*) FROM {Schema}.{table}_{Name(month.AddMonths(1))}"));
            await Server.QueryAsync($"DROP TABLE {Schema}.{table}_{Name(month)}");
        }

        Assert.Empty(await store.GetStepRunsAsync(runs[1], Cancellation).ToListAsync(Cancellation));
        Assert.Single(await store.GetStepRunsAsync(runs[3], Cancellation).ToListAsync(Cancellation));
        Assert.Single(await store.GetLogsAsync(runs[0], null, 10, Cancellation));
    }

    [Fact]
    public async Task A_month_that_came_without_a_partition_is_kept_with_the_rest()
    {
        await using var store = await OpenAsync();
        var far = TimeProvider.System.GetUtcNow().AddYears(3);
        var run = At(far);
        var batch = new WriteBatch();
        batch.StepRuns.Add(A.StepRun(run, 1));
        await store.WriteAsync(batch, Cancellation);

        var since = far.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        await Server.QueryAsync($"SELECT {Schema}.make_partitions('{since}', 2)");
        await Server.QueryAsync($"SELECT {Schema}.make_partitions('{since}', 2)");

        Assert.Single(await store.GetStepRunsAsync(run, Cancellation).ToListAsync(Cancellation));
        Assert.Equal(DBNull.Value, await Server.QueryAsync($"SELECT to_regclass('{Schema}.step_runs_{Name(far)}')::text"));
        Assert.NotEqual(DBNull.Value, await Server.QueryAsync($"SELECT to_regclass('{Schema}.step_runs_{Name(far.AddMonths(1))}')::text"));
        Assert.NotEqual(DBNull.Value, await Server.QueryAsync($"SELECT to_regclass('{Schema}.log_lines_{Name(far)}')::text"));
    }

    private static RunId At(DateTimeOffset time) => new(Guid.CreateVersion7(time));

    private static string Name(DateTimeOffset month) => month.ToString("yyyy_MM", CultureInfo.InvariantCulture);
}
