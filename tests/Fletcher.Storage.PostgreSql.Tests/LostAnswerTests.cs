using Fletcher.Conformance;
using Fletcher.Model;
using Fletcher.PostgreSqlServer;
using Npgsql;

namespace Fletcher.Storage.PostgreSql.Tests;

/// <summary>
/// The connection is cut while a transaction is under way: before the server has it, after the server has committed it, and so that the server gets it
/// when the store has long tried again. Each is done once, and answers as if nothing had been.
/// </summary>
public sealed class LostAnswerTests : IAsyncLifetime
{
    private readonly ServerFixture _server;
    private readonly string _schema;
    private readonly Guid _host = Guid.CreateVersion7();
    private CuttingProxy _proxy = null!;
    private PostgreSqlStore _store = null!;

    public LostAnswerTests(ServerFixture server)
    {
        server.Require();
        _server = server;
        _schema = server.EmptySchema();
    }

    public static MatrixTheoryData<Cut, int> MomentsOfStart => new(Enum.GetValues<Cut>(), [0, 1, 2]);

    private static FlowRunRecord Scheduled() => A.FlowRun("F", FlowRunState.Scheduled) with { Attempt = 0, WakeAt = Now.AddDays(1) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public static TheoryData<Cut> Moments => [.. Enum.GetValues<Cut>()];

    public async ValueTask InitializeAsync()
    {
        var address = new NpgsqlConnectionStringBuilder(_server.ConnectionString);
        _proxy = new CuttingProxy(address.Port);
        address.Host = "127.0.0.1";
        address.Port = _proxy.Port;
        address.SslMode = SslMode.Disable;
        // One at a time, so that the cut meets the transaction that the test means.
        address.MaxPoolSize = 1;
        _store = new PostgreSqlStore(new PostgreSqlStoreOptions { ConnectionString = address.ConnectionString, Schema = _schema });
        await _store.OpenAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _proxy.DisposeAsync();
        await _server.GiveBackAsync(_schema);
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task A_batch_is_written_once(Cut moment)
    {
        var run = A.FlowRun("F");
        await WriteAsync(run);
        var batch = new WriteBatch();
        batch.Ledger.Add(A.Ledger(run.Id, "why"));
        batch.Logs.Add(A.Log(run.Id, 1, "a line"));
        batch.Messages.Add(A.Message(run.Id));
        batch.FlowRuns.Add(run with { Name = "first" });

        await CutAsync(moment, () => _store.WriteAsync(batch, Cancellation).AsTask());
        await WriteAsync(run with { Name = "second" });
        await _proxy.DeliverLateAsync();

        Assert.Single(await _store.GetLedgerAsync(run.Id, Cancellation));
        Assert.Single(await _store.GetLogsAsync(run.Id, null, 10, Cancellation));
        Assert.Single(await _store.GetMessagesAsync(0, 10, Cancellation));
        Assert.Equal("second", (await _store.GetFlowRunAsync(run.Id, Cancellation))!.Name);
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task A_run_is_created_once(Cut moment)
    {
        await WriteAsync(A.FlowRun("F"));
        var run = A.FlowRun("F") with { OnceKey = $"{moment}" };

        Assert.Null(await CutAsync(moment, () => _store.TryCreateOnceAsync(run, Cancellation).AsTask()));
        await WriteAsync(run with { State = FlowRunState.Completed });
        await _proxy.DeliverLateAsync();

        Assert.Equal(FlowRunState.Completed, (await _store.GetFlowRunAsync(run.Id, Cancellation))!.State);
    }

    // The look for the keys, what is written, and the commit.
    [Theory]
    [MemberData(nameof(MomentsOfStart))]
    public async Task Runs_are_started_once_and_told(Cut moment, int after)
    {
        await WriteAsync(A.FlowRun("F"));
        var first = Scheduled();
        await _store.StartAsync([new RunStart { Run = first, DebounceKey = "d", IdempotencyKey = "i" }], Cancellation);
        var (replacing, created, found) = (Scheduled(), Scheduled(), Scheduled());

        var started = await CutAsync(
            moment,
            () => _store.StartAsync(
                [
                    new RunStart { Run = replacing, DebounceKey = "d", Entry = A.Ledger(default, "again") },
                    new RunStart { Run = created, DeduplicationKey = "k" },
                    new RunStart { Run = found, IdempotencyKey = "i" },
                ],
                Cancellation).AsTask(),
            skip: after);
        await _proxy.DeliverLateAsync();

        Assert.Equal(
            [new(first.Id, StartOutcome.Replaced), new(created.Id, StartOutcome.Created), new(first.Id, StartOutcome.Found)], started);
        Assert.Equal(1, (await _store.GetFlowRunAsync(first.Id, Cancellation))!.Fence);
        Assert.Single(await _store.GetLedgerAsync(first.Id, Cancellation));
        Assert.Null(await _store.GetFlowRunAsync(found.Id, Cancellation));
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task A_run_without_keys_is_started_once(Cut moment)
    {
        await WriteAsync(A.FlowRun("F"));
        var run = Scheduled();

        var started = await CutAsync(
            moment, () => _store.StartAsync([new RunStart { Run = run, Entry = A.Ledger(default, "why") }], Cancellation).AsTask());
        await _proxy.DeliverLateAsync();

        Assert.Equal([new(run.Id, StartOutcome.Created)], started);
        Assert.Single(await _store.GetLedgerAsync(run.Id, Cancellation));
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task A_run_is_claimed_once(Cut moment)
    {
        var run = A.Parked(Now, FlowRunState.Queued);
        await WriteAsync(run);

        var claimed = await CutAsync(moment, () => _store.TryClaimAsync(run.Id, run.Version, _host, Now, Cancellation).AsTask());
        await _proxy.DeliverLateAsync();

        Assert.Equal(new RunVersion(1, FlowRunState.Running, _host), claimed!.Version);
        Assert.Equal(claimed.Version, (await _store.GetFlowRunAsync(run.Id, Cancellation))!.Version);
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task What_is_due_is_claimed_once_and_told(Cut moment)
    {
        FlowRunRecord[] runs =
        [
            .. Enumerable.Range(1, 5).Select(i => A.Parked(Now.AddMinutes(-i), i % 2 == 0 ? FlowRunState.Queued : FlowRunState.Crashed) with
            {
                Reason = i == 3 ? null : $"reason {i}",
                OnceKey = $"{moment} {i}",
            }),
        ];
        await WriteAsync(runs);

        var first = await _store.ClaimDueAsync(_host, ["F"], Now, 2, Cancellation);
        // What it asks first is whether there is anything: that is not what is to be cut.
        var second = await CutAsync(moment, () => _store.ClaimDueAsync(_host, ["F"], Now, 2, Cancellation).AsTask(), skip: 1);
        await _proxy.DeliverLateAsync();
        var third = await _store.ClaimDueAsync(_host, ["F"], Now, 9, Cancellation);

        Assert.Equal(runs.Reverse().Select(run => (run.Id, run.State, run.Reason)), [.. first.Concat(second).Concat(third).Select(one => (one.Run.Id, one.From, one.Reason))]);
        Assert.All(await _store.GetRunsOfHostAsync(_host, default, 10, Cancellation), run => Assert.Equal(1, run.Fence));
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task A_run_is_replaced_once(Cut moment)
    {
        var run = A.Parked(Now);
        await WriteAsync(run);

        Assert.True(await CutAsync(
            moment, () => _store.TryReplaceAsync(run with { Fence = 1, Name = "first" }, run.Version, WriteBatch.Of(A.Ledger(run.Id, "why")), Cancellation).AsTask()));
        Assert.True(await _store.TryReplaceAsync(run with { Fence = 2, Name = "second" }, run.Version with { Fence = 1 }, new WriteBatch(), Cancellation));
        await _proxy.DeliverLateAsync();

        Assert.Equal("second", (await _store.GetFlowRunAsync(run.Id, Cancellation))!.Name);
        Assert.Single(await _store.GetLedgerAsync(run.Id, Cancellation));
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task A_message_is_kept_once(Cut moment)
    {
        var run = A.Parked();
        await WriteAsync(run);

        var sent = await CutAsync(moment, () => _store.SendAsync(A.Message(run.Id), Cancellation).AsTask());
        await _proxy.DeliverLateAsync();

        Assert.Equal(1, sent!.Number);
        Assert.Single(await _store.GetMessagesAsync(0, 10, Cancellation));
        Assert.Null((await _store.SendAsync(A.Message(run.Id), Cancellation))!.Key);
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task A_flow_is_paused_and_resumed_once(Cut moment)
    {
        await WriteAsync(A.FlowRun("F"));
        var paused = new PausedFlow("F", A.Instant, "ada", null);

        Assert.True(await CutAsync(moment, () => _store.SetPausedAsync("F", paused, Cancellation).AsTask()));
        Assert.True(await _store.SetPausedAsync("F", null, Cancellation));
        await _proxy.DeliverLateAsync();
        Assert.Empty(await _store.GetPausedAsync(Cancellation));

        await _store.SetPausedAsync("F", paused, Cancellation);
        Assert.True(await CutAsync(moment, () => _store.SetPausedAsync("F", null, Cancellation).AsTask()));
        await _store.SetPausedAsync("F", paused, Cancellation);
        await _proxy.DeliverLateAsync();
        Assert.Equal([paused], await _store.GetPausedAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task A_host_is_kept(Cut moment)
    {
        var host = A.Host();

        await CutAsync(moment, () => _store.PutHostAsync(host, Cancellation).AsTask());
        await _store.PutHostAsync(host with { Beat = 2 }, Cancellation);
        await _proxy.DeliverLateAsync();

        Assert.Equal(2, (await _store.GetHostAsync(host.Id, Cancellation))!.Beat);
    }

    [Fact]
    public async Task A_batch_that_was_given_up_is_not_written_twice_when_it_comes_with_others()
    {
        foreach (var moment in Enum.GetValues<Cut>())
        {
            var address = new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Host = "127.0.0.1", Port = _proxy.Port, SslMode = SslMode.Disable };
            await using var impatient = new PostgreSqlStore(
                new PostgreSqlStoreOptions { ConnectionString = address.ConnectionString, Schema = _schema, ServerWait = TimeSpan.Zero });
            await impatient.OpenAsync(Cancellation);
            var run = A.FlowRun("F");
            var batch = new WriteBatch();
            batch.FlowRuns.Add(run);
            await impatient.WriteAsync(batch, Cancellation);
            batch.Clear();
            batch.Ledger.Add(A.Ledger(run.Id, "first"));
            batch.Logs.Add(A.Log(run.Id, 1, "first"));
            batch.Messages.Add(A.Message(run.Id) with { Name = "first" });

            _proxy.CutNext(moment);
            await Assert.ThrowsAsync<StoreUnavailableException>(() => impatient.WriteAsync(batch, Cancellation).AsTask());
            batch.Ledger.Add(A.Ledger(run.Id, "second"));
            batch.Logs.Add(A.Log(run.Id, 1, "second"));
            batch.Messages.Add(A.Message(run.Id) with { Name = "second" });
            await impatient.WriteAsync(batch, Cancellation);
            await _proxy.DeliverLateAsync();

            Assert.Equal(["first", "second"], (await _store.GetLedgerAsync(run.Id, Cancellation)).Select(entry => entry.Reason));
            Assert.Equal(["first", "second"], (await _store.GetLogsAsync(run.Id, null, 10, Cancellation)).Select(line => line.Message));
            Assert.Equal(["first", "second"], (await _store.GetUntakenAsync(run.Id, Cancellation)).Select(message => message.Name));
        }
    }

    private async Task CutAsync(Cut moment, Func<Task> action, int skip = 0)
    {
        var before = _proxy.Cuts;
        _proxy.CutNext(moment, skip);
        await action();
        Assert.Equal(before + 1, _proxy.Cuts);
    }

    private async Task<T> CutAsync<T>(Cut moment, Func<Task<T>> action, int skip = 0)
    {
        T result = default!;
        await CutAsync(moment, async () => { result = await action(); }, skip);
        return result;
    }

    private async ValueTask WriteAsync(params FlowRunRecord[] runs)
    {
        var batch = new WriteBatch();
        batch.FlowRuns.AddRange(runs);
        await _store.WriteAsync(batch, Cancellation);
    }
}
