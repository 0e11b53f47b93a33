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

    [Fact]
    public async Task A_month_goes_when_none_of_its_runs_is_left_and_not_before()
    {
        await using var store = await OpenAsync();
        var now = TimeProvider.System.GetUtcNow();
        var (old, older) = (new DateTimeOffset(2026, 2, 10, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 1, 10, 0, 0, 0, TimeSpan.Zero));
        await Server.QueryAsync($"SELECT {Schema}.make_partitions('2026-01-01', 2)");
        var kept = A.FlowRun("F", FlowRunState.Completed, At(old)) with { EndedAt = now };
        FlowRunRecord[] gone = [A.FlowRun("F", FlowRunState.Completed, At(old)) with { EndedAt = old }, A.FlowRun("F", FlowRunState.Completed, At(older)) with { EndedAt = older }];
        var batch = new WriteBatch();
        foreach (var run in gone.Append(kept))
        {
            batch.FlowRuns.Add(run);
            batch.StepRuns.Add(A.StepRun(run.Id, 1));
            batch.Logs.Add(A.Log(run.Id, 1, "a line"));
            batch.Ledger.Add(A.Ledger(run.Id, "why"));
        }

        await store.WriteAsync(batch, Cancellation);
        Assert.Equal(0, await store.Retention.DropAsync(now, Cancellation));

        Assert.Equal(2, (await PruneAsync(store, now.AddDays(-1))).Runs.Count);
        Assert.Equal(3, await store.Retention.DropAsync(now, Cancellation));
        Assert.Equal(DBNull.Value, await Server.QueryAsync($"SELECT to_regclass('{Schema}.step_runs_2026_01')::text"));
        Assert.NotEqual(DBNull.Value, await Server.QueryAsync($"SELECT to_regclass('{Schema}.step_runs_2026_02')::text"));
        Assert.NotEqual(DBNull.Value, await Server.QueryAsync($"SELECT to_regclass('{Schema}.step_runs_{Name(now)}')::text"));
        while ((await store.Retention.ClearAsync(100, now, Cancellation)).IsMore)
        {
        }

        Assert.Single(await store.GetStepRunsAsync(kept.Id, Cancellation).ToListAsync(Cancellation));
        Assert.Equal(1L, await Server.QueryAsync($"SELECT count(*) FROM {Schema}.step_runs"));

        // Who writes all the time is not kept waiting: another time.
        Assert.Single((await PruneAsync(store, now.AddDays(1))).Runs);
        await using (var other = new Npgsql.NpgsqlConnection(Server.ConnectionString))
        {
            await other.OpenAsync(Cancellation);
            await using var transaction = await other.BeginTransactionAsync(Cancellation);
            await using var command = new Npgsql.NpgsqlCommand($"LOCK TABLE {Schema}.log_lines IN ROW EXCLUSIVE MODE", other);
            await command.ExecuteNonQueryAsync(Cancellation);
            Assert.Equal(0, await store.Retention.DropAsync(now, Cancellation));
        }

        Assert.Equal(3, await store.Retention.DropAsync(now, Cancellation));

        // A writer that comes late with rows of such a month finds where to put them.
        var late = A.FlowRun("F", id: At(old));
        batch = new WriteBatch();
        batch.FlowRuns.Add(late);
        batch.StepRuns.Add(A.StepRun(late.Id, 1));
        await store.WriteAsync(batch, Cancellation);
        Assert.Single(await store.GetStepRunsAsync(late.Id, Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Large_results_and_receipts_that_nobody_needs_go()
    {
        await using var store = await OpenAsync();
        var now = TimeProvider.System.GetUtcNow();
        var value = A.Value(new byte[100_000]);
        var run = A.FlowRun("F", FlowRunState.Completed) with { EndedAt = A.Instant };
        var batch = new WriteBatch();
        batch.FlowRuns.Add(run);
        batch.StepRuns.Add(A.StepRun(run.Id, 1) with { Result = value });
        await store.WriteAsync(batch, Cancellation);
        await Server.QueryAsync($"INSERT INTO {Schema}.receipts (writer, lane, number, at) VALUES ('{Guid.NewGuid()}', 1, 1, now() - interval '8 days')");
        Assert.Single((await PruneAsync(store, now)).Runs);
        while ((await store.Retention.ClearAsync(100, now, Cancellation)).IsMore)
        {
        }

        await ForgetAsync(now);
        Assert.Equal(1L, await Server.QueryAsync($"SELECT count(*) FROM {Schema}.large_values"));
        Assert.Equal(0L, await Server.QueryAsync($"SELECT count(*) FROM {Schema}.receipts WHERE at < now() - interval '7 days'"));
        Assert.NotEqual(0L, await Server.QueryAsync($"SELECT count(*) FROM {Schema}.receipts"));
        await ForgetAsync(now.AddHours(2));
        Assert.Equal(0L, await Server.QueryAsync($"SELECT count(*) FROM {Schema}.large_values"));

        var next = A.FlowRun("F");
        batch = new WriteBatch();
        batch.FlowRuns.Add(next);
        batch.StepRuns.Add(A.StepRun(next.Id, 1) with { Result = value });
        await store.WriteAsync(batch, Cancellation);
        Assert.Equal(1L, await Server.QueryAsync($"SELECT count(*) FROM {Schema}.large_values"));

        async Task ForgetAsync(DateTimeOffset at) =>
            await store.Retention.ForgetAsync(new ForgetRequest(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 100, at, false), Cancellation);
    }

    private static async Task<PrunedRuns> PruneAsync(PostgreSqlStore store, DateTimeOffset before) => await store.Retention.PruneAsync(
        new PruneRequest("F", RetentionKind.Good, null, EndedPlace.Before(before), 100, TimeProvider.System.GetUtcNow(), false), Cancellation);

    private static RunId At(DateTimeOffset time) => new(Guid.CreateVersion7(time));

    private static string Name(DateTimeOffset month) => month.ToString("yyyy_MM", CultureInfo.InvariantCulture);
}
