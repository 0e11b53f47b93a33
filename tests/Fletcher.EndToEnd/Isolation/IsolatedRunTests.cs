using System.Globalization;
using Fletcher.Model;

namespace Fletcher.EndToEnd.Isolation;

/// <summary>Runs in processes of their own that come to their end.</summary>
public sealed class IsolatedRunTests : IsolationTest
{
    [Fact]
    public async Task A_plain_program_has_its_result_from_another_process_which_does_not_execute_its_statements()
    {
        var ended = (await Play("isolated-answers", "ada")).With(0);

        var pid = Assert.Single(Pids(ended.Out));
        Assert.Equal(["before", $"pid {pid}", "the body writes", $"ada {pid} - -"], ended.OutLines[..^1]);
        Assert.NotEqual(pid, int.Parse(ended.OutLines[^1]["parent ".Length..], CultureInfo.InvariantCulture));
        var run = await ReadRun();
        Assert.Equal((FlowRunState.Completed, 1, 0, 2L), (run.State, run.Attempt, run.Crashes, run.Fence));
        Assert.Contains(await ReadLedger(run.Id), entry => entry.Reason == $"process {pid} was started for it");
    }

    [Fact]
    public async Task What_it_writes_is_kept_once_with_the_step_that_wrote_it()
    {
        var ended = (await Play("isolated-answers", "ada")).With(0);

        var run = await ReadRun();
        var step = Assert.Single(await ReadSteps(run.Id));
        Assert.Equal(
            [(step.Sequence, $"pid {Pids(ended.Out)[0]}"), (0, "the body writes")],
            (await ReadLogs(run.Id)).Select(line => (line.Sequence, line.Message)));
    }

    [Fact]
    public async Task A_failure_is_explained_with_the_line_that_threw()
    {
        var ended = (await Play("isolated-throws")).With(1).WithoutDump();

        Assert.Contains("InvalidOperationException: stumbled over a stone", ended.Error, StringComparison.Ordinal);
        Assert.Contains("Programs/Isolated.cs:", ended.Error, StringComparison.Ordinal);
        Assert.Contains("stdout about to stumble", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("FLT1306", ended.Error, StringComparison.Ordinal); // explained, and not said once more
        var run = await ReadRun();
        Assert.Equal(FlowRunState.Failed, run.State);
        Assert.Contains("Isolated.Stumble", run.Error!.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flow_that_another_one_calls_runs_in_its_callers_process()
    {
        var ended = (await Play("isolated-inside")).With(0);

        var pid = Assert.Single(Pids(ended.Out));
        Assert.Equal($"inner {pid} - - {pid}", ended.OutLines[^1]);
    }

    [Fact]
    public async Task An_application_is_set_up_again_and_none_of_its_services_starts()
    {
        var ended = (await Play("application", "bob")).With(0);

        Assert.Equal(["main", "beside", "main", "says bob"], ended.OutLines[..^1]);
        Assert.Matches(@"^hello bob \d+ False$", ended.OutLines[^1]);
        var logs = await ReadLogs((await ReadRun()).Id);
        Assert.Equal(["Saying bob", "says bob"], logs.Where(line => line.Sequence > 0).Select(line => line.Message));
        Assert.Contains(logs, line => line is { Sequence: 0, Message: "main" }); // what the run's code did not write
    }

    [Fact]
    public async Task A_run_that_waits_gives_its_process_up_and_goes_on_in_another()
    {
        var ended = (await Play("application", "parks")).With(0);

        Assert.Equal("another process", ended.OutLines[^1]);
        var run = await ReadRun();
        Assert.Equal((FlowRunState.Completed, 2, 0), (run.State, run.Attempt, run.Crashes));
    }

    [Fact]
    public async Task A_caller_that_does_not_want_it_any_more_cancels_it()
    {
        var ended = (await Play("isolated-unwanted")).With(0);

        Assert.Equal("its own token", ended.OutLines[^1]);
        var run = await ReadRun();
        Assert.Equal(FlowRunState.Cancelled, run.State);
        Assert.Contains("the caller's token was cancelled", run.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_one_process_at_most_runs_take_turns()
    {
        var ended = (await Play("application", "takes-turns")).With(0);

        var lines = ended.OutLines.Where(line => line.StartsWith("begins ", StringComparison.Ordinal) || line.StartsWith("ends ", StringComparison.Ordinal)).ToList();
        Assert.Equal(6, lines.Count);
        Assert.All(lines.Chunk(2), turn => Assert.Equal(turn[0].Replace("begins", "ends", StringComparison.Ordinal), turn[1]));
        Assert.Equal("1 2 3", ended.OutLines[^1]);
    }

    [Fact]
    public async Task A_run_that_waits_for_a_process_does_not_keep_its_host_from_others()
    {
        var ended = (await Play("application", "leaves-room")).With(0);

        Assert.Equal("Completed Completed Completed", ended.OutLines[^1]);
    }

    [Fact]
    public async Task In_a_store_in_memory_it_runs_in_its_programs_process_and_that_is_said()
    {
        var ended = (await Running.Start.Scenario("memory", "isolated-answers", "ada")).With(0);

        Assert.Contains($"parent {Assert.Single(Pids(ended.Out))}", ended.OutLines);
        Assert.Contains("its store is in memory", ended.Error, StringComparison.Ordinal);
    }
}
