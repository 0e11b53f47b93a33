using Fletcher.EndToEnd.Running;
using Fletcher.Model;
using Fletcher.Storage;
using Fletcher.Storage.Sqlite;

namespace Fletcher.EndToEnd.Signals;

/// <summary>Plain programs, without a line about signals in them, that get one while a flow is under way.</summary>
public sealed class ProgramSignalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Store => _folder["store.db"];

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    public async Task The_first_signal_hands_the_run_over_and_the_next_start_goes_on(string signal, int code)
    {
        await using var child = new Child(Store, false, "works");
        await child.Says("works");
        await child.Signal(signal);
        var stopped = (await child.End()).With(code).WithoutDump();

        Assert.Contains("told to stop", stopped.Out, StringComparison.Ordinal);
        var line = Assert.Single(stopped.ErrorLines, line => line.Contains("Stopped by SIG" + signal, StringComparison.Ordinal));
        Assert.Contains("The next start goes on with Stopping.", line, StringComparison.Ordinal);
        Assert.EndsWith("Fletcher.EndToEnd.Programs works", line, StringComparison.Ordinal);
        var run = await ReadRun();
        Assert.Equal(FlowRunState.Queued, run.State);
        Assert.Null(run.HostId);

        var next = (await Start.Scenario(Store, isWell: true, "works")).With(0);
        Assert.DoesNotContain("begun", next.OutLines);
        Assert.Contains("works", next.OutLines);
        Assert.Equal("done", next.OutLines[^1]);
        run = await ReadRun();
        Assert.Equal((FlowRunState.Completed, 0, 2), (run.State, run.Crashes, run.Attempt));
    }

    [Fact]
    public async Task A_second_signal_ends_the_program_at_once_and_the_next_start_goes_on()
    {
        await using var child = new Child(Store, false, "hangs");
        await child.Says("hangs");
        await child.Signal("TERM");
        await child.Says("Another one ends the program at once");
        await child.Signal("TERM");
        (await child.End()).With(143).WithoutDump();

        Assert.Equal(FlowRunState.Running, (await ReadRun()).State);
        var next = (await Start.Scenario(Store, isWell: true, "hangs")).With(0);
        Assert.Equal(["hangs", "done"], next.OutLines);
        Assert.Equal(FlowRunState.Completed, (await ReadRun()).State);
    }

    [Fact]
    public async Task A_run_that_waits_is_left_open()
    {
        await using var child = new Child(Store, false, "sleeps");
        await child.Says("sleeps");
        await child.Signal("TERM");
        var stopped = (await child.End()).With(143).WithoutDump();

        Assert.Contains("The next start goes on with Stopping.Sleeps", stopped.Error, StringComparison.Ordinal);
        Assert.Equal(FlowRunState.Queued, (await ReadRun()).State);
    }

    [Fact]
    public async Task A_run_of_a_flow_that_always_begins_anew_can_go_on_when_it_is_named()
    {
        await using var child = new Child(Store, false, "anew");
        await child.Says("works");
        await child.Signal("TERM");
        var stopped = (await child.End()).With(143).WithoutDump();

        var run = (await ReadRuns()).Single(run => run.ParentRunId is null);
        Assert.Contains($"FLETCHER_RETRY={run.Id} ", stopped.Error, StringComparison.Ordinal);
        var next = (await Start.Program(
            Repository.Programs, ["anew"],
            new Dictionary<string, string?> { ["FLETCHER_STORE"] = Store, ["WELL"] = "yes", ["FLETCHER_RETRY"] = run.Id.ToString() })).With(0);
        Assert.DoesNotContain("begun", next.OutLines);
        Assert.Equal("done", next.OutLines[^1]);
    }

    [Fact]
    public async Task With_a_store_in_memory_the_run_is_cancelled()
    {
        await using var child = new Child("memory", false, "works");
        await child.Says("works");
        await child.Signal("TERM");
        var stopped = (await child.End()).With(143).WithoutDump();

        Assert.Contains("told to stop", stopped.Out, StringComparison.Ordinal);
        Assert.Contains("cleaned up", stopped.Out, StringComparison.Ordinal);
        Assert.Contains("cancelled by the host", stopped.Error, StringComparison.Ordinal);
        Assert.Contains("Stopped by SIGTERM. No run is left open.", stopped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_catches_everything_ends_nevertheless()
    {
        await using var child = new Child(Store, false, "goes-on");
        await child.Says("works");
        await child.Signal("TERM");
        var stopped = (await child.End()).With(143).WithoutDump();

        Assert.All(stopped.OutLines.Where(line => line.StartsWith("caught", StringComparison.Ordinal)), line => Assert.Equal("caught RunHandedOverException", line));
        Assert.Equal(FlowRunState.Queued, (await ReadRun()).State);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_program_that_has_its_own_way_to_stop_is_left_alone(string signal)
    {
        await using var child = new Child(Store, false, "own-way");
        await child.Says("polls");
        await child.Signal(signal);
        var ended = (await child.End()).With(0);

        Assert.Equal(["begun", "polls", "its own way", "done"], ended.OutLines);
        Assert.DoesNotContain("Stopped by", ended.Error, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private async Task<FlowRunRecord> ReadRun() => Assert.Single(await ReadRuns());

    private async Task<IReadOnlyList<FlowRunRecord>> ReadRuns()
    {
        await using var store = new SqliteStore(Store);
        await store.OpenAsync(TestContext.Current.CancellationToken);
        return await store.GetFlowRunsAsync(new FlowRunQuery(), TestContext.Current.CancellationToken);
    }
}
