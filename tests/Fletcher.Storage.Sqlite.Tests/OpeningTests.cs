using Fletcher.Conformance;

namespace Fletcher.Storage.Sqlite.Tests;

public sealed class OpeningTests : SqliteTest
{
    [Fact]
    public async Task A_store_is_created_with_its_folders()
    {
        var path = File("new/folder/of/runs.db");

        await using var store = await OpenAsync(path);

        Assert.Equal($"SQLite {path}", store.Description);
        Assert.Equal("wal", Query(path, "PRAGMA journal_mode"));
        Assert.Equal((long)Migrator.Latest, Query(path, "PRAGMA user_version"));
        Assert.Equal((long)Migrator.ApplicationId, Query(path, "PRAGMA application_id"));
    }

    [Fact]
    public async Task What_was_written_is_there_when_opened_again()
    {
        var run = A.FlowRun();
        await using (var store = await OpenAsync())
            await WriteAsync(store, run, A.StepRun(run.Id, 1));

        Assert.False(System.IO.File.Exists(Database + "-wal"), "closing folds the write-ahead log into the database");
        await using var again = await OpenAsync();
        Assert.Equal(run.Flow, (await again.GetFlowRunAsync(run.Id, Cancellation))!.Flow);
        Assert.Single(await StepRunsAsync(again, run.Id));
    }

    [Fact]
    public async Task Many_may_open_a_new_store_at_once()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => OpenAsync(), Cancellation)));

        Assert.Equal(1L, Query(Database, "SELECT count(*) FROM schema_versions WHERE version = 1"));
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task Opening_twice_is_opening_once()
    {
        await using var store = await OpenAsync();
        await store.OpenAsync(Cancellation);
        await WriteAsync(store, A.FlowRun());
    }

    [Fact]
    public async Task A_store_that_is_not_open_says_so()
    {
        var store = new SqliteStore(Database);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await WriteAsync(store, A.FlowRun()));
        await store.DisposeAsync();
        await store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await WriteAsync(store, A.FlowRun()));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.GetFlowRunAsync(A.RunId(), Cancellation));
    }

    [Fact]
    public async Task Who_waits_for_a_turn_while_the_store_is_closed_is_told()
    {
        var store = await OpenAsync();
        using var other = Connect(Database);
        using var command = other.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        var first = WriteAsync(store, A.FlowRun()).AsTask();
        var closing = store.DisposeAsync().AsTask();
        Assert.False(closing.IsCompleted);

        command.CommandText = "COMMIT";
        command.ExecuteNonQuery();

        await Task.WhenAll(first, closing).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);
    }

    [Theory]
    [InlineData(Durability.Full, 2)]
    [InlineData(Durability.Process, 1)]
    public async Task Durability_is_how_SQLite_syncs(Durability durability, long synchronous)
    {
        using var connection = await StoreOpener.OpenAsync(
            Database, new SqliteStoreOptions { Durability = durability }, Cancellation);

        Assert.Equal(synchronous, connection.QueryInteger("PRAGMA synchronous"));
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("month,amount\n2026-10,3\n")]
    public async Task A_file_that_is_not_SQLite_is_left_as_it_is(string content)
    {
        await System.IO.File.WriteAllTextAsync(Database, content, Cancellation);

        await AssertUnavailableAsync("FLT1103", () => OpenAsync(), Database, "not a SQLite database", "FLETCHER_STORE");

        Assert.Equal(content, await System.IO.File.ReadAllTextAsync(Database, Cancellation));
    }

    [Fact]
    public async Task A_large_file_that_is_not_SQLite_is_left_as_it_is()
    {
        var content = new byte[1_000_000];
        new Random(1).NextBytes(content);
        await System.IO.File.WriteAllBytesAsync(Database, content, Cancellation);

        await AssertUnavailableAsync("FLT1103", () => OpenAsync(), Database);

        Assert.Equal(content, await System.IO.File.ReadAllBytesAsync(Database, Cancellation));
    }

    [Theory]
    [InlineData("CREATE TABLE customers (id INTEGER)", "application id 0")]
    [InlineData("PRAGMA application_id = 77; CREATE TABLE layers (id INTEGER)", "application id 77")]
    [InlineData("PRAGMA application_id = 77", "application id 77")]
    [InlineData("PRAGMA user_version = 1", "application id 0")]
    public async Task A_database_of_another_program_is_left_as_it_is(string sql, string fragment)
    {
        Query(Database, sql);
        var before = await System.IO.File.ReadAllBytesAsync(Database, Cancellation);

        await AssertUnavailableAsync("FLT1104", () => OpenAsync(), Database, "another program", fragment);

        Assert.Equal(before, await System.IO.File.ReadAllBytesAsync(Database, Cancellation));
    }

    [Fact]
    public async Task A_store_of_a_newer_version_names_both_versions()
    {
        await (await OpenAsync()).DisposeAsync();
        Query(Database, "INSERT INTO schema_versions VALUES (99, '7.8.9', 0); PRAGMA user_version = 99");
        var before = await System.IO.File.ReadAllBytesAsync(Database, Cancellation);

        await AssertUnavailableAsync(
            "FLT1106", () => OpenAsync(), Database, "version 99", "Fletcher 7.8.9", $"up to {Migrator.Latest}", "Update");

        Assert.Equal(before, await System.IO.File.ReadAllBytesAsync(Database, Cancellation));
    }

    [Fact]
    public async Task A_store_of_a_newer_version_without_our_tables_names_its_number()
    {
        Query(Database, $"PRAGMA application_id = {Migrator.ApplicationId}; PRAGMA user_version = 99; CREATE TABLE x (y)");

        await AssertUnavailableAsync("FLT1106", () => OpenAsync(), "version 99", "of a later version");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        await System.IO.File.WriteAllTextAsync(File("file"), "", Cancellation);
        var path = File("file/fletcher.db");

        await AssertUnavailableAsync("FLT1101", () => OpenAsync(path), path, "cannot be opened", "FLETCHER_STORE");
    }

    [Fact]
    public async Task A_folder_in_place_of_the_file_is_named()
    {
        Directory.CreateDirectory(Database);

        await AssertUnavailableAsync("FLT1101", () => OpenAsync(), Database, "cannot be opened");
    }

    [Fact]
    public async Task A_damaged_store_is_named()
    {
        await using (var store = await OpenAsync())
            await WriteAsync(store, [.. Enumerable.Range(1, 2000).Select(i => A.StepRun(A.RunId(), i))]);
        await using (var file = new FileStream(Database, FileMode.Open, FileAccess.Write))
        {
            var garbage = new byte[8192 - 100];
            new Random(1).NextBytes(garbage);
            file.Position = 100;
            file.Write(garbage);
        }

        await AssertUnavailableAsync("FLT1111", () => OpenAsync(), Database, "damaged", ".recover");
    }
}
