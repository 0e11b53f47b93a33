using System.Globalization;
using Fletcher.EndToEnd.Running;
using Fletcher.Model;

namespace Fletcher.EndToEnd.Isolation;

/// <summary>Processes of runs that die, are killed, or are told to stop.</summary>
public sealed class DeathTests : IsolationTest
{
    [Theory]
    [InlineData("exit", "exited with code 3")]
    [InlineData("kill", "was killed by signal 9 (SIGKILL)")]
    [InlineData("exception", "was killed by signal 6 (SIGABRT")]
    public async Task A_death_is_told_and_the_run_goes_on_in_another_process(string how, string note)
    {
        await using (var program = Begin("isolated-dies", how))
        {
            await program.Says("resumes, execution 2");
            await program.Signal("TERM");
            (await program.End()).With(143);
        }

        var run = await ReadRun();
        Assert.InRange(run.Crashes, 1, 2); // the second process may have died too before all was told to stop
        Assert.Contains(await ReadLedger(run.Id), entry => entry.To == "Crashed" && entry.Reason.Contains(note, StringComparison.Ordinal) && !entry.Reason.Contains("no living host", StringComparison.Ordinal));
        var logs = await ReadLogs(run.Id);
        Assert.Contains(logs, line => line is { Message: "last words", Category: "stdout", Sequence: > 0 });
        Assert.Contains(logs, line => line is { Message: "last error", Category: "stderr", Sequence: > 0 });
        if (how == "exception")
            Assert.Contains(logs, line => line.Message.Contains("nobody catches it", StringComparison.Ordinal));

        await using var again = BeginWell("isolated-dies", how);
        var ended = (await again.End()).With(0);
        Assert.Equal($"died of {how}, went on with another", ended.OutLines[^1]);
        Assert.Empty(Pids(ended.Out)); // what was committed is not done again
        Assert.Equal(FlowRunState.Completed, (await ReadRun()).State);
    }

    [Fact]
    public async Task A_run_whose_processes_all_die_fails_in_the_end_with_the_death_note()
    {
        var ended = await Play("application", "dies");

        Assert.Single(ended.ErrorLines, line => line.StartsWith("✗ Isolated.Dies failed in ", StringComparison.Ordinal));
        Assert.Contains("was killed by signal 9", ended.Error, StringComparison.Ordinal);
        var run = await ReadRun();
        Assert.Equal((FlowRunState.Failed, "Fletcher.HostDied"), (run.State, run.Error!.Type));
    }

    [Fact]
    public async Task A_process_with_too_many_objects_fails_at_the_line_that_makes_them()
    {
        var ended = (await Play("isolated-eats", "managed")).With(1).WithoutDump();

        Assert.Contains("OutOfMemoryException", ended.Error, StringComparison.Ordinal);
        Assert.Contains("Programs/Isolated.cs:", ended.Error, StringComparison.Ordinal);
        Assert.Equal(FlowRunState.Failed, (await ReadRun()).State);
    }

    [Fact]
    public async Task A_process_that_is_larger_than_its_limit_is_killed_and_the_note_says_so()
    {
        await using var program = Begin("isolated-eats", "native");
        await program.Says("crashed");
        await program.Signal("TERM");
        await program.End();

        var run = await ReadRun();
        var entry = (await ReadLedger(run.Id)).First(entry => entry.To == "Crashed");
        Assert.Matches("was killed at its memory limit: it had 1[6-9][0-9] MiB, and its MemoryLimit is 160 MiB", entry.Reason);
    }

    [Fact]
    public async Task A_flow_that_ignores_its_token_fails_at_its_time_out_and_its_process_is_gone()
    {
        var ended = (await Play("isolated-overruns", "blocked")).With(1).WithoutDump();

        Assert.Contains("took longer than its Timeout of 3s", ended.Error, StringComparison.Ordinal);
        var run = await ReadRun();
        Assert.Equal((FlowRunState.Failed, FailureClass.Timeout, 0), (run.State, run.Error!.Class, run.Crashes));
    }

    [Fact]
    public async Task A_process_that_does_not_move_is_killed_behind_the_time_out()
    {
        var ended = (await Play("isolated-overruns", "frozen")).With(1).WithoutDump();

        Assert.Contains("did not end by itself and was killed", ended.Error, StringComparison.Ordinal);
        var run = await ReadRun();
        Assert.Equal((FlowRunState.Failed, FailureClass.Timeout), (run.State, run.Error!.Class));
    }

    [Fact]
    public async Task A_program_that_is_told_to_stop_tells_the_process_which_hands_the_run_over()
    {
        await using var program = Begin("isolated-works");
        await program.Says("works");
        await program.Signal("TERM");
        var ended = (await program.End()).With(143).WithoutDump();

        Assert.Contains("told to stop", ended.Out, StringComparison.Ordinal);
        Assert.Contains("The next start goes on with Isolated.Works", ended.Error, StringComparison.Ordinal);
        await IsGone(Assert.Single(Pids(ended.Out)));
        await IsHandedOver("its program was stopped by SIGTERM");
    }

    [Fact]
    public async Task A_process_whose_program_was_killed_hands_the_run_over()
    {
        int pid;
        await using (var program = Begin("isolated-works"))
        {
            await program.Says("works");
            await program.Signal("KILL");
            pid = Assert.Single(Pids((await program.End()).Out));
        }

        await IsGone(pid);
        await IsHandedOver("is gone");
    }

    [Fact]
    public async Task A_process_that_somebody_else_stops_hands_the_run_over_and_another_one_goes_on()
    {
        await using var program = Begin("isolated-works");
        var first = await program.SaysLine("pid ");
        await program.Says("works");
        await Child.Signal(int.Parse(first[4..], CultureInfo.InvariantCulture), "TERM");
        await program.Says("resumes, execution 2");
        await program.Signal("TERM");
        (await program.End()).With(143);

        var run = await ReadRun();
        Assert.Equal((FlowRunState.Queued, 0), (run.State, run.Crashes));
        Assert.Contains(await ReadLedger(run.Id), entry => entry.Reason.Contains("its own process was told to stop", StringComparison.Ordinal));
    }

    private async Task IsHandedOver(string reason)
    {
        var run = await ReadRun();
        Assert.Equal((FlowRunState.Queued, null, 0), (run.State, run.HostId, run.Crashes));
        Assert.Contains(await ReadLedger(run.Id), entry => entry.To == "Queued" && entry.Reason.Contains(reason, StringComparison.Ordinal));

        await using var next = BeginWell("isolated-works");
        var ended = (await next.End()).With(0);
        Assert.Equal("done", ended.OutLines[^1]);
        Assert.Empty(Pids(ended.Out));
    }
}
