using Fletcher.Conformance;
using Fletcher.Model;
using Fletcher.PostgreSqlServer;
using Npgsql;

namespace Fletcher.Storage.PostgreSql.Tests;

/// <summary>Hints that there is something to look for.</summary>
public sealed class ListenTests(ServerFixture server) : PostgreSqlTest(server)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Reasons => ["a message", "a run that is due", "a pause", "a resumption", "a replacement", "a creation"];

    [Theory]
    [MemberData(nameof(Reasons))]
    public async Task What_hosts_look_for_is_heard_from_another_store(string reason)
    {
        await using var store = await OpenAsync();
        await using var other = await OpenAsync();
        var run = A.Parked(DateTimeOffset.UnixEpoch);
        await WriteAsync(other, run);
        await other.SetPausedAsync("G", new PausedFlow("G", A.Instant, "ada", null), Cancellation);
        using var heard = new SemaphoreSlim(0);
        using var listening = store.Listen(() => heard.Release());
        Assert.True(await heard.WaitAsync(Limit, Cancellation), "It says nothing when it begins.");

        switch (reason)
        {
            case "a message":
                await other.SendAsync(A.Message(run.Id), Cancellation);
                break;
            case "a run that is due":
                await WriteAsync(other, A.Parked(DateTimeOffset.UnixEpoch));
                break;
            case "a pause":
                await other.SetPausedAsync("F", new PausedFlow("F", A.Instant, "ada", null), Cancellation);
                break;
            case "a resumption":
                await other.SetPausedAsync("G", null, Cancellation);
                break;
            case "a replacement":
                await other.TryReplaceAsync(run with { Fence = 1 }, run.Version, new WriteBatch(), Cancellation);
                break;
            default:
                await other.TryCreateOnceAsync(A.Parked(DateTimeOffset.UnixEpoch) with { OnceKey = "k" }, Cancellation);
                break;
        }

        Assert.True(await heard.WaitAsync(Limit, Cancellation), "It was not heard.");
    }

    [Fact]
    public async Task What_nobody_looks_for_is_not_told()
    {
        await using var store = await OpenAsync();
        var run = A.FlowRun("F") with { HostId = Guid.CreateVersion7() };
        await using var connection = new NpgsqlConnection(Server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        var told = 0;
        connection.Notification += (_, _) => told++;
        await using var command = new NpgsqlCommand($"LISTEN \"{Schema}\"", connection);
        await command.ExecuteNonQueryAsync(Cancellation);

        var batch = WriteBatch.Of(A.Ledger(run.Id, "why"));
        batch.FlowRuns.Add(run);
        batch.StepRuns.Add(A.StepRun(run.Id, 1));
        batch.Logs.Add(A.Log(run.Id, 1, "a line"));
        await store.WriteAsync(batch, Cancellation);
        await store.PutHostAsync(A.Host(), Cancellation);
        await store.TryClaimAsync(run.Id, run.Version, Guid.CreateVersion7(), A.Instant, Cancellation);
        await command.ExecuteNonQueryAsync(Cancellation);
        Assert.Equal(0, told);

        await WriteAsync(store, [.. Enumerable.Range(0, 50).Select(_ => A.Parked(DateTimeOffset.UnixEpoch))]);
        await command.ExecuteNonQueryAsync(Cancellation);
        Assert.Equal(1, told);
    }

    [Fact]
    public async Task It_listens_again_when_its_connection_was_cut_and_says_that_it_may_have_missed_something()
    {
        var address = new NpgsqlConnectionStringBuilder(Server.ConnectionString);
        await using var proxy = new CuttingProxy(address.Port);
        await using var store = await OpenAsync(change => (change.Host, change.Port, change.SslMode) = ("127.0.0.1", proxy.Port, SslMode.Disable), Limit);
        var run = A.Parked();
        await WriteAsync(store, run);
        using var heard = new SemaphoreSlim(0);
        using var listening = store.Listen(() => heard.Release());
        Assert.True(await heard.WaitAsync(Limit, Cancellation));

        proxy.CutAll();
        Assert.True(await heard.WaitAsync(Limit, Cancellation), "It did not come back.");
        await store.SendAsync(A.Message(run.Id), Cancellation);
        Assert.True(await heard.WaitAsync(Limit, Cancellation), "It came back deaf.");
    }

    [Fact]
    public async Task Who_has_ended_listening_hears_nothing()
    {
        await using var store = await OpenAsync();
        var run = A.Parked();
        await WriteAsync(store, run);
        using var heard = new SemaphoreSlim(0);
        var ended = 0;
        var first = store.Listen(() => Interlocked.Increment(ref ended));
        using var second = store.Listen(() => heard.Release());
        first.Dispose();
        first.Dispose();
        var before = Volatile.Read(ref ended);

        await store.SendAsync(A.Message(run.Id), Cancellation);
        Assert.True(await heard.WaitAsync(Limit, Cancellation));
        Assert.InRange(Volatile.Read(ref ended), before, before + 1); // one that was under way
    }
}
