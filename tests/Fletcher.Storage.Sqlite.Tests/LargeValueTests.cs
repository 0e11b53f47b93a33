using Fletcher.Conformance;
using Fletcher.Model;

namespace Fletcher.Storage.Sqlite.Tests;

public sealed class LargeValueTests : SqliteTest
{
    private static byte[] Bytes(int size, int seed = 1)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private string[] Files() => Directory.Exists(Database + ".results")
        ? Directory.GetFiles(Database + ".results", "*", SearchOption.AllDirectories)
        : [];

    private async Task<StoredValue> WriteAndReadBackAsync(SqliteStore store, byte[] content)
    {
        var step = A.StepRun(A.RunId(), 1) with { Result = A.Value(content) };
        await WriteAsync(store, step);
        return Assert.Single(await StepRunsAsync(store, step.RunId)).Result!;
    }

    [Fact]
    public async Task Only_values_above_the_threshold_are_beside_the_database()
    {
        await using var store = await OpenAsync();

        Assert.NotNull((await WriteAndReadBackAsync(store, Bytes(65_536))).Content);
        Assert.Empty(Files());

        var large = await WriteAndReadBackAsync(store, Bytes(65_537));
        Assert.Null(large.Content);
        Assert.Equal(large.Hash.ToString(), large.Reference);
        Assert.Equal(Path.Combine(Database + ".results", large.Reference![..2], large.Reference), Assert.Single(Files()));
    }

    [Fact]
    public async Task The_threshold_is_an_option_and_may_change()
    {
        StoredValue small;
        await using (var store = new SqliteStore(new SqliteStoreOptions { Path = Database, LargeValueThreshold = 10 }))
        {
            await store.OpenAsync(Cancellation);
            Assert.NotNull((await WriteAndReadBackAsync(store, Bytes(10))).Content);
            small = await WriteAndReadBackAsync(store, Bytes(11));
            Assert.Null(small.Content);
        }

        await using var other = await OpenAsync();
        Assert.Equal(Bytes(11), (await other.ReadValueAsync(small, Cancellation)).ToArray());
    }

    [Fact]
    public async Task The_same_content_is_kept_once_and_each_run_that_has_it_is_noted()
    {
        await using var store = await OpenAsync();
        var content = Bytes(100_000);
        var first = A.FlowRun() with { Result = A.Value(content) };
        var second = A.FlowRun();

        await WriteAsync(
            store,
            first,
            A.StepRun(first.Id, 1) with { Result = A.Value(content) },
            second,
            A.StepRun(second.Id, 1) with { Result = A.Value(content) });

        Assert.Single(Files());
        Assert.Equal(2L, Query(Database, "SELECT count(*) FROM large_values"));
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        await using var store = await OpenAsync();
        var value = await WriteAndReadBackAsync(store, Bytes(100_000));
        var file = Assert.Single(Files());
        System.IO.File.Delete(file);

        await AssertUnavailableAsync("FLT1112", () => store.ReadValueAsync(value, Cancellation).AsTask(), file, "Put the file back");
    }

    [Theory]
    [InlineData(99_999, "99999 bytes instead of 100000")]
    [InlineData(100_000, "its content has the hash")]
    public async Task A_damaged_file_is_named(int size, string how)
    {
        await using var store = await OpenAsync();
        var value = await WriteAndReadBackAsync(store, Bytes(100_000));
        var file = Assert.Single(Files());
        await System.IO.File.WriteAllBytesAsync(file, Bytes(size, seed: 2), Cancellation);

        await AssertUnavailableAsync("FLT1113", () => store.ReadValueAsync(value, Cancellation).AsTask(), file, how);
    }

    [Fact]
    public async Task A_value_with_the_hash_of_another_is_refused_and_nothing_is_written()
    {
        await using var store = await OpenAsync();
        var step = A.StepRun(A.RunId(), 1) with { Result = A.Value(Bytes(100_000)) with { Hash = ContentHash.Of("x"u8) } };

        await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync(store, step).AsTask());

        Assert.Empty(Files());
        Assert.Empty(await StepRunsAsync(store, step.RunId));
    }

    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("00000000000000000000000000000000/x")]
    public async Task A_reference_of_another_store_is_refused(string reference)
    {
        await using var store = await OpenAsync();
        var value = new StoredValue(ValueFormat.Bytes, null, reference, default, 1);

        await Assert.ThrowsAsync<ArgumentException>(() => store.ReadValueAsync(value, Cancellation).AsTask());
    }

    [Fact]
    public async Task What_a_crash_left_half_written_is_removed_after_a_day()
    {
        await using (var store = await OpenAsync())
            await WriteAndReadBackAsync(store, Bytes(100_000));
        var old = Path.Combine(Database + ".results", "tmp", "old");
        var recent = Path.Combine(Database + ".results", "tmp", "recent");
        await System.IO.File.WriteAllTextAsync(old, "", Cancellation);
        await System.IO.File.WriteAllTextAsync(recent, "", Cancellation);
        System.IO.File.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2));

        await using var again = await OpenAsync();

        Assert.False(System.IO.File.Exists(old));
        Assert.True(System.IO.File.Exists(recent));
        Assert.Equal(2, Files().Length);
    }
}
