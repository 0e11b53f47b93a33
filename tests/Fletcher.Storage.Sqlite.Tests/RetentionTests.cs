using Fletcher.Conformance;
using Fletcher.Model;

namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>What becomes of the room of runs that were let go: pages of the file, and files beside it.</summary>
public sealed class RetentionTests : SqliteTest
{
    private static readonly DateTimeOffset Later = TimeProvider.System.GetUtcNow().AddDays(1);

    [Fact]
    public async Task The_file_becomes_smaller_while_the_store_is_in_use()
    {
        await using var store = await OpenAsync();
        await FillAsync(store);
        await store.CheckpointAsync(Cancellation);
        var before = new FileInfo(Database).Length;

        await PruneAsync(store);
        var steps = 0;
        GivenBack given;
        do
        {
            given = await store.Retention.GiveBackAsync(Cancellation);
            Assert.False(given.NeedsCompacting);
            steps++;
        }
        while (given.IsMore);
        await store.CheckpointAsync(Cancellation);

        Assert.True(steps > 1);
        Assert.Equal(0, given.LeftBytes);
        Assert.InRange(new FileInfo(Database).Length, 1, before / 4);
        Assert.Equal("ok", Query(Database, "PRAGMA integrity_check"));
    }

    [Fact]
    public async Task A_store_of_an_earlier_version_needs_compacting_once()
    {
        await (await OpenAsync()).DisposeAsync();
        Query(Database, "PRAGMA auto_vacuum = NONE; VACUUM");
        Assert.Equal(0L, Query(Database, "PRAGMA auto_vacuum"));
        await using var store = await OpenAsync();
        await FillAsync(store);
        await PruneAsync(store);

        var given = await store.Retention.GiveBackAsync(Cancellation);
        Assert.True(given is { NeedsCompacting: true, IsMore: false, Bytes: 0, LeftBytes: > 1_000_000 });
        var before = new FileInfo(Database).Length;
        await store.Retention.CompactAsync(Cancellation);

        Assert.InRange(new FileInfo(Database).Length, 1, before / 4);
        Assert.Equal(2L, Query(Database, "PRAGMA auto_vacuum"));
        Assert.Equal((0, false), ((await store.Retention.GiveBackAsync(Cancellation)).LeftBytes, (await store.Retention.GiveBackAsync(Cancellation)).NeedsCompacting));
    }

    [Fact]
    public async Task A_file_that_nothing_refers_to_goes_and_one_that_was_touched_stays()
    {
        await using var store = await OpenAsync();
        var (alone, shared, touched) = (Large(1), Large(2), Large(3));
        var (gone, kept) = (Over(), A.FlowRun("F"));
        await WriteAsync(
            store, gone, kept, A.StepRun(gone.Id, 1) with { Result = alone }, A.StepRun(gone.Id, 2) with { Result = shared }, A.StepRun(gone.Id, 3) with { Result = touched },
            A.StepRun(kept.Id, 1) with { Result = shared });
        foreach (var file in Directory.EnumerateFiles(Database + ".results", "*", SearchOption.AllDirectories))
            System.IO.File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));
        System.IO.File.SetLastWriteTimeUtc(PathOf(touched), TimeProvider.System.GetUtcNow().UtcDateTime);
        await PruneAsync(store, ended: 1);

        // Before its time.
        Assert.False((await ForgetAsync(store, Later)).IsMore);
        Assert.True(System.IO.File.Exists(PathOf(alone)));
        await ForgetAsync(store, Later.AddHours(2));

        Assert.False(System.IO.File.Exists(PathOf(alone)));
        Assert.True(System.IO.File.Exists(PathOf(shared)));
        Assert.True(System.IO.File.Exists(PathOf(touched)));

        // The touched one is not forgotten, and a run that refers to one keeps it.
        System.IO.File.SetLastWriteTimeUtc(PathOf(touched), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));
        await ForgetAsync(store, Later.AddHours(4));
        Assert.False(System.IO.File.Exists(PathOf(touched)));
        await WriteAsync(store, A.StepRun(kept.Id, 2) with { Result = alone });
        Assert.Equal(alone.Length, (await store.ReadValueAsync((await StepRunsAsync(store, kept.Id))[1].Result!, Cancellation)).Length);
        Assert.Empty(await store.CheckAsync(Cancellation));
    }

    [Fact]
    public async Task A_file_that_is_referred_to_again_meanwhile_stays()
    {
        await using var store = await OpenAsync();
        var value = Large(1);
        var (gone, next) = (Over(), A.FlowRun("F"));
        await WriteAsync(store, gone, A.StepRun(gone.Id, 1) with { Result = value });
        await PruneAsync(store, ended: 1);
        await WriteAsync(store, next, A.StepRun(next.Id, 1) with { Result = value });
        System.IO.File.SetLastWriteTimeUtc(PathOf(value), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));

        await ForgetAsync(store, Later.AddHours(2));

        Assert.True(System.IO.File.Exists(PathOf(value)));
        Assert.Equal(0L, Query(Database, "SELECT count(*) FROM unused_values"));
    }

    private static FlowRunRecord Over() => A.FlowRun("F", FlowRunState.Completed) with { EndedAt = A.Instant };

    private static StoredValue Large(byte seed) => A.Value([.. Enumerable.Repeat(seed, 100_000)]);

    private string PathOf(StoredValue value) => Path.Combine(Database + ".results", value.Hash.ToString()[..2], value.Hash.ToString());

    private static async Task FillAsync(SqliteStore store)
    {
        for (var i = 0; i < 40; i++)
        {
            var run = Over();
            await WriteAsync(store, [run, .. Enumerable.Range(1, 20).Select(n => A.StepRun(run.Id, n) with { Result = A.Value(new byte[5_000]) })]);
        }
    }

    private static async Task PruneAsync(SqliteStore store, int ended = 40)
    {
        var pruned = await store.Retention.PruneAsync(new PruneRequest("F", RetentionKind.Good, null, EndedPlace.Before(Later), 1000, Later, false), Cancellation);
        Assert.Equal(ended, pruned.Runs.Count);
        while ((await store.Retention.ClearAsync(1000, Later, Cancellation)).IsMore)
        {
        }
    }

    private static ValueTask<Forgotten> ForgetAsync(SqliteStore store, DateTimeOffset now) =>
        store.Retention.ForgetAsync(new ForgetRequest(default, default, default, 100, now, false), Cancellation);
}
