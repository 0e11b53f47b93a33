using Fletcher.Conformance;
using Fletcher.Model;

namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>How hosts hear across processes that there is something to do.</summary>
public sealed class ChangeSignalTests : SqliteTest
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private string Changes => Database + ".changes";

    [Fact]
    public async Task What_another_process_writes_is_heard()
    {
        await using var store = await OpenAsync();
        var run = A.FlowRun("F");
        await WriteAsync(store, run);
        using var heard = new SemaphoreSlim(0);
        using var listening = store.Listen(() => heard.Release());

        using var other = OtherProcess.Start("send", Database, run.Id.ToString());

        Assert.True(await heard.WaitAsync(Limit, Cancellation));
    }

    [Fact]
    public async Task Steps_and_runs_that_a_host_has_tell_nobody()
    {
        await using var store = await OpenAsync();
        var run = A.FlowRun("F") with { HostId = Guid.NewGuid(), CallerHostId = Guid.NewGuid() };
        await WriteAsync(store, run);
        await WriteAsync(store, A.StepRun(run.Id, 1));
        await WriteAsync(store, run with { State = FlowRunState.Completed, HostId = null });

        Assert.False(Directory.Exists(Changes));
        await WriteAsync(store, A.Parked(A.Instant));
        Assert.True(Directory.Exists(Changes));
    }

    [Fact]
    public async Task Where_nothing_can_be_watched_listeners_are_called_now_and_then()
    {
        await System.IO.File.WriteAllTextAsync(Changes, "no folder", Cancellation);
        await using var store = await OpenAsync();
        using var heard = new SemaphoreSlim(0);
        using (store.Listen(() => heard.Release()))
        {
            Assert.True(await heard.WaitAsync(Limit, Cancellation));
            await WriteAsync(store, A.Parked(A.Instant));
            Assert.True(await heard.WaitAsync(Limit, Cancellation));
        }

        Assert.Equal("no folder", await System.IO.File.ReadAllTextAsync(Changes, Cancellation));
    }

    [Fact]
    public async Task A_signal_whose_folder_is_gone_does_not_fail_the_commit()
    {
        await using var store = await OpenAsync();
        await WriteAsync(store, A.Parked(A.Instant));
        Directory.Delete(Changes, recursive: true);

        var run = A.Parked(A.Instant);
        await WriteAsync(store, run);

        Assert.NotNull(await store.GetFlowRunAsync(run.Id, Cancellation));
    }
}
