using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Cli.Tests;

/// <summary>What the command does with runs: start, retry, rerun, fork, cancel, pause, signal, answer, resolve; and what it shows of them.</summary>
public sealed class ActionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flow_is_started_by_name_and_watched_to_its_end()
    {
        await using var world = new World();
        await world.ServeAsync();

        var said = (await world.RunAsync("runs", "start", "Work.Add", "-p", "a=3", "-p", "b=4", "--tag", "mine", "--wait", "--json")).Json("watch");

        var run = said.GetProperty("run");
        Assert.Equal(("Completed", 10), (run.GetProperty("state").GetString(), run.GetProperty("result").GetProperty("value").GetInt32()));
        Assert.Equal(["sums", "mine"], run.GetProperty("tags").EnumerateArray().Select(static tag => tag.GetString()));
        var id = run.GetProperty("id").GetString()!;
        (await world.RunAsync("runs", "show", id)).Has("Work.Add completed", "Work.Double", "= 6", "Work.Sum", "result 10");
        (await world.RunAsync("runs", "show", id, "--ledger", "--json")).Json("show");
        (await world.RunAsync("runs", "logs", id)).Has("adding 6 and 4");
        var line = (await world.RunAsync("runs", "logs", id, "--json")).Json("logLine");
        Assert.Equal("adding 6 and 4", line.GetProperty("message").GetString());
        (await world.RunAsync("runs", "watch", id)).Has("Work.Add completed");
    }

    [Fact]
    public async Task A_start_is_checked_at_the_door()
    {
        await using var world = new World();
        await world.ServeAsync();

        (await world.RunAsync("runs", "start", "Work.Ad", "-p", "a=3")).Refuses(1, "FLT1516", "Did you mean 'Work.Add'?", "--allow-unknown-flow");
        (await world.RunAsync("runs", "start", "Work.Add", "-p", "a=x", "-p", "b=4")).Refuses(1, "FLT1517", "'a' must be integer");
        (await world.RunAsync("runs", "start", "Work.Add", "-p", "a")).Refuses(2, "'a' has no value");
        (await world.RunAsync("runs", "start", "Work.Add", "-p", "a=1", "-p", "a=2")).Refuses(2, "'a' is given twice");
        (await world.RunAsync("runs", "start", "Work.Add", "--parameters", "{")).Refuses(1, "JSON");
        (await world.RunAsync("runs", "start", "Work.Add", "--at", "soon")).Refuses(2, "--at is 'soon'");
        Assert.Empty(await (await world.StoreAsync()).GetFlowRunsAsync(new FlowRunQuery(), Cancellation));
    }

    [Fact]
    public async Task A_key_makes_one_run_of_two_starts_and_a_time_makes_it_wait()
    {
        await using var world = new World();
        await world.StoreAsync();

        var first = (await world.RunAsync("runs", "start", "Other.Flow", "--allow-unknown-flow", "--key", "k", "--at", "2099-01-01", "--priority", "5", "--json")).Json("start");
        var again = (await world.RunAsync("runs", "start", "Other.Flow", "--allow-unknown-flow", "--key", "k", "--json")).Json("start");

        Assert.Equal(("Created", "Found"), (first.GetProperty("outcome").GetString(), again.GetProperty("outcome").GetString()));
        var run = first.GetProperty("run");
        Assert.Equal(("Scheduled", 5), (run.GetProperty("state").GetString(), run.GetProperty("priority").GetInt32()));
        Assert.Equal(run.GetProperty("id").GetString(), again.GetProperty("run").GetProperty("id").GetString());
        (await world.RunAsync("runs", "start", "Other.Flow", "--allow-unknown-flow")).Has("was started", "no living host takes runs of 'Other.Flow'");
    }

    [Fact]
    public async Task Why_says_of_a_failed_run_what_a_program_says()
    {
        await using var world = new World();
        await world.ServeAsync();
        var run = await world.FinishAsync("Work.Break", new { what = "the sky" });

        (await world.RunAsync("why", run.Id.ToString())).Has(
            "Work.Break failed in Work.Fall", "InvalidOperationException: the sky fell", "Work.cs:", "what: \"the sky\"", $"fletcher runs retry {run.Id}");
        var told = (await world.RunAsync("why", run.Id.ToString(), "--json")).Json("why");
        Assert.Equal("Work.Fall", told.GetProperty("causeStep").GetProperty("step").GetString());
        Assert.Contains("Work.Fall", told.GetProperty("frame").GetProperty("member").GetString(), StringComparison.Ordinal);
        (await world.RunAsync("runs", "watch", run.Id.ToString())).With(1);
    }

    [Fact]
    public async Task A_run_is_asked_for_again_from_where_it_failed_or_from_a_step()
    {
        await using var world = new World();
        var host = await world.ServeAsync();
        var failed = await world.FinishAsync("Work.Break", new { what = "x" });
        var good = await world.FinishAsync("Work.Add", new { a = 1, b = 2 });
        await host.DisposeAsync();

        var plan = (await world.RunAsync("runs", "retry", failed.Id.ToString(), "--dry-run", "--json")).Json("plan");
        Assert.Equal(["Reused", "RunsAgain"], plan.GetProperty("steps").EnumerateArray().Select(static step => step.GetProperty("action").GetString()));
        (await world.RunAsync("runs", "retry", good.Id.ToString())).Refuses(1, "FLT1503", "Completed");
        (await world.RunAsync("runs", "retry", failed.Id.ToString(), "--reason", "the sky is up again")).Has("was asked for again", "no living host takes runs of 'Work.Break'", "FLETCHER_RETRY=");

        (await world.RunAsync("runs", "rerun", good.Id.ToString(), "--from", "Sum", "--dry-run")).Has("would do this", "reuses", "Work.Double", "runs", "Work.Sum", "1 reused, 1 run");
        Assert.True((await (await world.StoreAsync()).GetFlowRunAsync(good.Id, Cancellation))!.IsOver);
        (await world.RunAsync("runs", "rerun", good.Id.ToString(), "--from", "Nothing")).Refuses(1, "FLT1505");
        (await world.RunAsync("runs", "rerun", good.Id.ToString(), "--from", "0")).Refuses(2, "counted from 1");
        (await world.RunAsync("runs", "rerun", good.Id.ToString(), "--from", "2", "--json")).Json("plan");
        Assert.False((await (await world.StoreAsync()).GetFlowRunAsync(good.Id, Cancellation))!.IsOver);
    }

    [Fact]
    public async Task A_fork_is_a_new_run_with_changed_parameters()
    {
        await using var world = new World();
        await world.ServeAsync();
        var run = await world.FinishAsync("Work.Add", new { a = 1, b = 2 });

        (await world.RunAsync("runs", "fork", run.Id.ToString(), "-p", "b=40", "--dry-run", "--json")).Json("plan");
        var said = (await world.RunAsync("runs", "fork", run.Id.ToString(), "-p", "b=40", "--json")).Json("action");

        var watched = (await world.RunAsync("runs", "watch", said.GetProperty("run").GetString()!, "--json")).Json("watch").GetProperty("run");
        Assert.Equal(42, watched.GetProperty("result").GetProperty("value").GetInt32());
        Assert.Equal(run.Id.ToString(), watched.GetProperty("forkedFrom").GetString());
        (await world.RunAsync("runs", "fork", run.Id.ToString(), "-p", "c=1")).With(1);
        (await world.RunAsync("runs", "fork", run.Id.ToString(), "--result", "x")).Refuses(2, "--result is 'x'");
    }

    [Fact]
    public async Task A_run_that_waits_is_followed_paused_resumed_and_signalled()
    {
        await using var world = new World();
        await world.ServeAsync();
        var client = await world.ClientAsync();
        var run = (await client.StartAsync("Work.Listen", new { }, cancellationToken: Cancellation)).Run.ToString();
        var follows = world.RunAsync("runs", "logs", run, "--follow");
        var watches = world.RunAsync("runs", "watch", run);

        (await world.RunAsync("runs", "pause", run, "--reason", "lunch", "--json")).Json("action");
        (await world.RunAsync("runs", "resume", run)).Has("goes on");
        (await world.RunAsync("runs", "watch", run, "--timeout", "1ms", "--json")).Json("watch", exitCode: 5);
        (await world.RunAsync("runs", "signal", run, "go", "{oops")).Refuses(2, "is no JSON");
        (await world.RunAsync("runs", "signal", run, "go", "7", "--key", "once")).Has("Signal 'go' was sent");

        (await watches).Has("Work.Listen completed");
        var followed = (await follows).Has("it is before", "it is after");
        Assert.Equal(2, followed.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        (await world.RunAsync("runs", "signal", run, "go")).Refuses(1, "FLT1503");
    }

    [Fact]
    public async Task A_question_is_listed_and_answered()
    {
        await using var world = new World();
        await world.ServeAsync();
        var client = await world.ClientAsync();
        var run = (await client.StartAsync("Work.Approve", new { amount = 7 }, cancellationToken: Cancellation)).Run;
        var question = await world.QuestionAsync();

        (await world.RunAsync("runs", "questions")).Has(question.Id.ToString(), "ada", "Pay 7?");
        (await world.RunAsync("runs", "questions", run.ToString(), "--json")).Json("questions");
        (await world.RunAsync("runs", "show", run.ToString())).Has("Pay 7?");
        (await world.RunAsync("why", run.ToString())).Has("It waits: an answer to 'Pay 7?' from ada", $"fletcher runs answer {question.Id}");
        (await world.RunAsync("runs", "answer", question.Id.ToString(), "perhaps")).Refuses(1, "FLT1515");
        (await world.RunAsync("runs", "answer", run.ToString(), "true", "--json")).Json("action");
        (await world.RunAsync("runs", "watch", run.ToString())).With(0);
        (await world.RunAsync("runs", "answer", run.ToString(), "true")).Refuses(1, "asks nothing");
    }

    [Fact]
    public async Task A_run_is_cancelled_or_abandoned()
    {
        await using var world = new World();
        var queued = await world.KeepAsync(FlowRunState.Queued, static run => run with { WakeAt = run.CreatedAt, Attempt = 0 });
        var running = await world.KeepAsync(FlowRunState.Running, static run => run with { HostId = Guid.CreateVersion7() });

        (await world.RunAsync("runs", "cancel", queued.Id.ToString(), "--reason", "not needed")).Has("had not begun and is cancelled");
        (await world.RunAsync("runs", "watch", queued.Id.ToString())).With(4);
        (await world.RunAsync("runs", "cancel", running.Id.ToString(), "--json")).Json("action");
        (await world.RunAsync("runs", "cancel", running.Id.ToString(), "--abandon")).Has("was ended as cancelled");
        (await world.RunAsync("runs", "watch", running.Id.ToString(), "--json")).Json("watch", exitCode: 4);
        (await world.RunAsync("runs", "cancel", running.Id.ToString())).Refuses(1, "FLT1503");
    }

    [Fact]
    public async Task A_step_in_doubt_is_resolved()
    {
        await using var world = new World();
        var run = await world.KeepAsync(FlowRunState.Crashed);
        var batch = new WriteBatch();
        batch.StepRuns.Add(new StepRunRecord
        {
            RunId = run.Id,
            Sequence = 1,
            Key = new StepKey(ContentHash.Of("x"u8), 0),
            Step = new StepCode("Kept.Send", null, null, 0),
            State = StepRunState.Unknown,
            AtMostOnce = true,
            Attempt = 1,
            StartedAt = run.CreatedAt,
        });
        await (await world.StoreAsync()).WriteAsync(batch, Cancellation);

        (await world.RunAsync("why", run.Id.ToString())).Has("Not known whether they took effect", "Kept.Send");
        (await world.RunAsync("runs", "resolve", run.Id.ToString(), "Send")).Refuses(2, "--took-effect, --did-nothing");
        (await world.RunAsync("runs", "resolve", run.Id.ToString(), "1", "--took-effect", "--did-nothing")).Refuses(2, "with one of");
        (await world.RunAsync("runs", "resolve", run.Id.ToString(), "Send", "--returned", "12", "--json")).Json("action");
        (await world.RunAsync("runs", "show", run.Id.ToString())).Has("Kept.Send", "= 12");
        (await world.RunAsync("runs", "resolve", run.Id.ToString(), "Send", "--failed", "no")).Refuses(1, "FLT1511");
    }

    [Fact]
    public async Task Of_thousands_of_alike_steps_some_are_shown_and_the_rest_is_counted()
    {
        await using var world = new World();
        await world.ServeAsync();
        var run = await world.FinishAsync("Work.Many", new { count = 2000 });

        var said = (await world.RunAsync("runs", "show", run.Id.ToString())).Has("and 1,997 more Work.Double (1,997 completed)");

        Assert.True(said.Out.Split('\n').Length < 20, said.Out);
        Assert.True((await world.RunAsync("runs", "show", run.Id.ToString(), "--all")).Out.Split('\n').Length > 2000);
    }
}
