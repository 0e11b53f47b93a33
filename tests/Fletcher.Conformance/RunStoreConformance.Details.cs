using Fletcher.Model;

namespace Fletcher.Conformance;

public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task The_newest_cached_result_wins()
    {
        var old = A.Cached("S", "k", A.Instant, "1");
        var newer = A.Cached("S", "k", A.Instant.AddTicks(10), "2");
        var same = A.Cached("S", "k", A.Instant.AddTicks(10), "3");

        await WriteAsync(old, A.Cached("T", "k", A.Instant.AddDays(1), "9"), A.Cached("S", "l", A.Instant.AddDays(1), "9"));
        await AssertSameAsync(old, await Store.FindCachedAsync("S", old.Key, Cancellation));
        await WriteAsync(newer);
        await AssertSameAsync(newer, await Store.FindCachedAsync("S", old.Key, Cancellation));
        await WriteAsync(old);
        await AssertSameAsync(newer, await Store.FindCachedAsync("S", old.Key, Cancellation));
        await WriteAsync(same);
        await AssertSameAsync(same, await Store.FindCachedAsync("S", old.Key, Cancellation));

        var nothing = newer with { Result = null, SourceHash = null, MadeAt = A.Instant.AddDays(2) };
        await WriteAsync(nothing);
        await AssertSameAsync(nothing, await Store.FindCachedAsync("S", old.Key, Cancellation));
    }

    [Fact]
    public async Task The_ledger_is_in_the_order_of_writing()
    {
        var run = A.RunId();
        var other = A.RunId();
        var full = Samples.FullLedgerEntry with { RunId = run, At = A.Instant.AddDays(-1) };

        await WriteAsync(A.Ledger(run, "1"), A.Ledger(other, "x"), A.Ledger(run, "2"));
        await WriteAsync(full, A.Ledger(run, "4"));

        var ledger = await Store.GetLedgerAsync(run, Cancellation);
        Assert.Equal(["1", "2", full.Reason, "4"], ledger.Select(e => e.Reason));
        await AssertSameAsync(full, ledger[2]);
        Assert.Single(await Store.GetLedgerAsync(other, Cancellation));
    }

    [Fact]
    public async Task Logs_are_the_last_ones_oldest_first()
    {
        var run = A.RunId();
        await WriteAsync([.. Enumerable.Range(1, 300).Select(i => A.Log(run, i % 3, $"{i}"))]);
        await WriteAsync(A.Log(A.RunId(), 0, "other"), A.Log(run, 1, "301"));

        async Task<IEnumerable<string>> Messages(int? sequence, int limit) =>
            (await Store.GetLogsAsync(run, sequence, limit, Cancellation)).Select(l => l.Message);

        Assert.Equal(Enumerable.Range(1, 301).Select(i => $"{i}"), await Messages(null, 1000));
        Assert.Equal(["299", "300", "301"], await Messages(null, 3));
        Assert.Equal(["295", "298", "301"], await Messages(1, 3));
        Assert.Equal(["300"], await Messages(0, 1));
        Assert.Empty(await Messages(0, 0));
        Assert.Empty(await Messages(17, 10));
    }

    [Fact]
    public async Task A_hundred_thousand_log_lines_are_kept()
    {
        var run = A.RunId();
        for (var batch = 0; batch < 100; batch++)
            await WriteAsync([.. Enumerable.Range(batch * 1000, 1000).Select(i => A.Log(run, 1, $"line {i}"))]);

        var all = await Store.GetLogsAsync(run, 1, 200_000, Cancellation);

        Assert.Equal(Enumerable.Range(0, 100_000).Select(i => $"line {i}"), all.Select(l => l.Message));
    }

    [Fact]
    public async Task An_artifact_replaces_the_one_of_the_same_key()
    {
        var run = A.RunId();
        var replaced = A.Artifact(run, 1, "k", "2") with { Kind = ArtifactKind.Progress, At = A.Instant.AddTicks(20) };
        await WriteAsync(A.Artifact(run, 1, "k", "1"), A.Artifact(run, 2, "k", "other step"), A.Artifact(run, 1, "K", "other key"));
        await WriteAsync(replaced, A.Artifact(A.RunId(), 1, "k", "other run"), A.Artifact(run, 0, "", "empty key"));

        var artifacts = await Store.GetArtifactsAsync(run, Cancellation);

        Assert.Equal(["empty key", "other key", "other step", "2"], artifacts.Select(a => a.Content));
        await AssertSameAsync(replaced, artifacts[3]);
    }

    [Fact]
    public async Task A_host_is_registered_renewed_and_ended()
    {
        var host = A.Host();
        await Store.PutHostAsync(host, Cancellation);
        await AssertSameAsync(host, await Store.GetHostAsync(host.Id, Cancellation));

        var ended = Samples.FullHost with { Id = host.Id, HeartbeatAt = A.Instant.AddMinutes(1) };
        await Store.PutHostAsync(ended, Cancellation);

        await AssertSameAsync(ended, await Store.GetHostAsync(host.Id, Cancellation));
        Assert.Null(await Store.GetHostAsync(Guid.CreateVersion7(), Cancellation));
    }
}
