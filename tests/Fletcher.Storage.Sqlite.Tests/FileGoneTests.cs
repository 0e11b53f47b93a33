using Fletcher.Conformance;

namespace Fletcher.Storage.Sqlite.Tests;

public sealed class FileGoneTests : SqliteTest
{
    [Fact]
    public async Task A_deleted_file_is_noticed_by_the_next_write_and_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not delete open files.");
        await using var store = await OpenAsync();
        var run = A.FlowRun();
        await WriteAsync(store, run);
        await store.GetFlowRunAsync(run.Id, Cancellation);

        System.IO.File.Delete(Database);

        await AssertUnavailableAsync(
            "FLT1109", () => WriteAsync(store, A.FlowRun()).AsTask(), Database, "deleted, moved or replaced", "Put the file back");
        await AssertUnavailableAsync("FLT1109", () => store.GetFlowRunAsync(run.Id, Cancellation).AsTask(), Database);
    }

    [Fact]
    public async Task A_replaced_file_is_noticed_by_the_next_write()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not replace open files.");
        await using var store = await OpenAsync();
        await WriteAsync(store, A.FlowRun());
        await (await OpenAsync(File("other.db"))).DisposeAsync();

        System.IO.File.Move(File("other.db"), Database, overwrite: true);

        await AssertUnavailableAsync("FLT1109", () => WriteAsync(store, A.FlowRun()).AsTask(), Database);
    }

    [Fact]
    public async Task A_moved_file_that_is_put_back_goes_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not move open files.");
        await using var store = await OpenAsync();
        var run = A.FlowRun();
        System.IO.File.Move(Database, File("away.db"));
        await AssertUnavailableAsync("FLT1109", () => WriteAsync(store, run).AsTask());

        System.IO.File.Move(File("away.db"), Database);

        await WriteAsync(store, run);
        Assert.NotNull(await store.GetFlowRunAsync(run.Id, Cancellation));
    }
}
