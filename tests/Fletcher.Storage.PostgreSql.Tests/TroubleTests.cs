using Fletcher.Conformance;
using Fletcher.Model;
using Fletcher.PostgreSqlServer;
using Npgsql;

namespace Fletcher.Storage.PostgreSql.Tests;

/// <summary>A server that is slow, full, read-only or away.</summary>
public sealed class TroubleTests(ServerFixture server) : PostgreSqlTest(server)
{
    private const int Writers = 4;

    [Theory]
    [InlineData("INT")]
    [InlineData("QUIT")]
    public async Task Nothing_is_lost_and_nothing_is_twice_when_the_server_restarts(string signal)
    {
        Assert.SkipWhen(PostgreSqlInstallation.Folder is null, PostgreSqlInstallation.Missing);
        await using var own = await PrivateServer.StartAsync();
        var stores = Enumerable.Range(0, Writers).Select(_ => new PostgreSqlStore(own.ConnectionString)).ToArray();
        foreach (var store in stores)
            await store.OpenAsync(Cancellation);
        var runs = stores.Select(_ => A.FlowRun("F")).ToArray();
        using var end = new CancellationTokenSource();
        var written = new int[Writers];

        async Task Write(int writer)
        {
            await WriteAsync(stores[writer], runs[writer]);
            while (!end.IsCancellationRequested)
            {
                var next = written[writer] + 1;
                var batch = WriteBatch.Of(A.Ledger(runs[writer].Id, $"{next}"));
                batch.StepRuns.Add(A.StepRun(runs[writer].Id, next));
                batch.Leases[runs[writer].Id] = new RunLease(runs[writer].Id, 0);
                await stores[writer].WriteAsync(batch, Cancellation);
                Assert.NotNull(await stores[writer].SendAsync(A.Message(runs[writer].Id) with { Name = $"{next}" }, Cancellation));
                Volatile.Write(ref written[writer], next);
            }
        }

        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => Write(writer), Cancellation)));
        for (var restart = 0; restart < 3; restart++)
        {
            await WaitForMoreAsync(written, writing);
            await own.StopAsync(signal);
            await own.StartAgainAsync();
        }

        await WaitForMoreAsync(written, writing);
        await end.CancelAsync();
        await writing;

        for (var writer = 0; writer < Writers; writer++)
        {
            var all = Enumerable.Range(1, written[writer]).Select(i => $"{i}").ToList();
            Assert.Equal(all, (await stores[0].GetLedgerAsync(runs[writer].Id, Cancellation)).Select(entry => entry.Reason));
            Assert.Equal(all, (await stores[0].GetUntakenAsync(runs[writer].Id, Cancellation)).Select(message => message.Name));
            Assert.Equal(all.Count, await stores[0].GetStepRunsAsync(runs[writer].Id, Cancellation).CountAsync(Cancellation));
        }

        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task A_statement_that_is_broken_off_is_told_and_can_be_repeated()
    {
        await using var store = await OpenAsync(address => address.Options = "-c statement_timeout=200");
        var run = A.FlowRun("F");
        await WriteAsync(store, run);
        await using (await LockAsync(run))
        {
            await AssertUnavailableAsync("FLT1126", () => WriteAsync(store, run with { Name = "new" }).AsTask(), "statement_timeout", "pg_stat_activity");
        }

        await WriteAsync(store, run with { Name = "new" });
        Assert.Equal("new", (await store.GetFlowRunAsync(run.Id, Cancellation))!.Name);
    }

    [Fact]
    public async Task A_statement_that_is_broken_off_is_tried_again()
    {
        await using var store = await OpenAsync(address => address.Options = "-c lock_timeout=50", TimeSpan.FromSeconds(30));
        var run = A.FlowRun("F");
        await WriteAsync(store, run);
        var holder = await LockAsync(run);
        var writing = WriteAsync(store, run with { Name = "new" }).AsTask();
        await UntilAsync(async () => (await Server.QueryAsync($"SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.query LIKE '%{Schema}%'")) is not null);
        await UntilAsync(async () => (await Server.QueryAsync($"SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.query LIKE '%{Schema}%'")) is null);

        Assert.False(writing.IsCompleted);
        await holder.DisposeAsync();
        await writing;

        Assert.Equal("new", (await store.GetFlowRunAsync(run.Id, Cancellation))!.Name);
    }

    [Fact]
    public async Task A_full_pool_is_told()
    {
        await using var store = await OpenAsync(address => (address.MaxPoolSize, address.Timeout) = (1, 1));
        var run = A.FlowRun("F");
        await WriteAsync(store, run);
        var holder = await LockAsync(run);
        var writing = WriteAsync(store, run with { Name = "new" }).AsTask();

        await AssertUnavailableAsync("FLT1125", () => store.GetFlowRunAsync(run.Id, Cancellation).AsTask(), "Maximum Pool Size", "pg_stat_activity");

        await holder.DisposeAsync();
        await writing;
    }

    [Fact]
    public async Task A_server_that_only_reads_is_told()
    {
        await (await OpenAsync()).DisposeAsync();
        await using var store = await OpenAsync(address => address.Options = "-c default_transaction_read_only=on");

        await AssertUnavailableAsync("FLT1124", () => WriteAsync(store, A.FlowRun("F")).AsTask(), "only reads", "Target Session Attributes");
    }

    [Fact]
    public async Task A_schema_that_was_dropped_is_told()
    {
        await using var store = await OpenAsync();
        await Server.DropAsync(Schema);

        await AssertUnavailableAsync("FLT1127", () => store.GetLastMessageAsync(Cancellation).AsTask(), Schema, "dropped or changed");
    }

    [Fact]
    public async Task A_large_value_that_is_gone_or_damaged_is_told()
    {
        await using var store = await OpenAsync();
        var run = A.FlowRun("F") with { Result = A.Value(new byte[100_000]) };
        await WriteAsync(store, run);
        var result = (await store.GetFlowRunAsync(run.Id, Cancellation))!.Result!;

        await Server.QueryAsync($"UPDATE {Schema}.large_values SET content = set_byte(content, 7, 1)");
        await AssertUnavailableAsync("FLT1113", () => store.ReadValueAsync(result, Cancellation).AsTask(), result.Reference!, "damaged");
        await Server.QueryAsync($"UPDATE {Schema}.large_values SET content = '\\x00'");
        await AssertUnavailableAsync("FLT1113", () => store.ReadValueAsync(result, Cancellation).AsTask(), "1 bytes instead of 100000");
        await Server.QueryAsync($"DELETE FROM {Schema}.large_values");
        await AssertUnavailableAsync("FLT1112", () => store.ReadValueAsync(result, Cancellation).AsTask(), "large_values");
    }

    [Fact]
    public async Task A_claim_waits_for_nobody()
    {
        await using var store = await OpenAsync(address => address.Options = "-c lock_timeout=1ms");
        var locked = A.Parked(DateTimeOffset.UnixEpoch);
        var free = A.Parked(DateTimeOffset.UnixEpoch.AddDays(1));
        await WriteAsync(store, locked, free);
        await using var holder = await LockAsync(locked);

        var claimed = await store.ClaimDueAsync(Guid.CreateVersion7(), ["F"], DateTimeOffset.UnixEpoch.AddDays(2), 1, Cancellation);
        var more = await store.ClaimDueAsync(Guid.CreateVersion7(), ["F"], DateTimeOffset.UnixEpoch.AddDays(2), 9, Cancellation);

        Assert.Equal(free.Id, Assert.Single([.. claimed, .. more]).Run.Id);
    }

    /// <summary>A transaction of somebody else that has a run.</summary>
    private async Task<NpgsqlConnection> LockAsync(FlowRunRecord run)
    {
        var connection = new NpgsqlConnection(Server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand($"BEGIN; SELECT 1 FROM {Schema}.flow_runs WHERE id = '{run.Id.Value}' FOR UPDATE", connection);
        await command.ExecuteNonQueryAsync(Cancellation);
        return connection;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30), "It did not come so far.");
    }

    private static async Task WaitForMoreAsync(int[] written, Task writing)
    {
        var before = written.ToArray();
        var began = TimeProvider.System.GetTimestamp();
        while (Enumerable.Range(0, Writers).Any(writer => Volatile.Read(ref written[writer]) < before[writer] + 5))
        {
            if (writing.IsCompleted)
                await writing;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), "The writers stand still.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
        }
    }
}
