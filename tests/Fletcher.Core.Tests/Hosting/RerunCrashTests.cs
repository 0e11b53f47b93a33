using System.Text;
using Fletcher.Engine.Tests;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Hosting.Tests;

/// <summary>Processes die around a request for a run, and runs are large.</summary>
public sealed class RerunCrashTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_outlives_the_process_that_made_it_and_the_host_that_took_it_first()
    {
        Work.Script.Clear();
        var store = new SurvivingStore();
        RunId run;
        await using (var host = new TestHost(store))
        {
            Assert.Equal("made of may", await host.Run(() => Work.Month("may")));
            run = (await host.OnlyRun()).Id;
        }

        // The process that asks is gone as soon as the request is in the store.
        var asking = store.Reopen();
        await new FletcherClient(asking, "ada").RerunAsync(run, "Make", cancellationToken: Cancellation);
        asking.Kill();

        // The next one takes the run, and is gone when the step has run and nothing says so.
        var dying = store.Reopen();
        dying.BeforeWrite = (view, batch) =>
        {
            if (batch.StepRuns.Exists(step => step.State == StepRunState.Completed))
                view.Kill();
        };
        var killed = new TestHost(dying);
        var lost = killed.Host.RunAsync(() => Work.Month("may"));
        await Work.Until(() => Work.Script.Count("make") == 2).WithinLimit("the step runs again");
        await Work.Until(() => dying.IsDead).WithinLimit("the death of the host");

        await using var last = new TestHost(store.Reopen());
        Assert.Equal("made of may", await last.Run(() => Work.Month("may")));

        Assert.Equal(["load", "make", "make", "make"], Work.Script.Lines);
        var steps = await last.Steps(run);
        Assert.Equal([false, true, false], steps.Select(step => step.Discarded));
        Assert.Equal(FlowRunState.Completed, (await last.OnlyRun()).State);
        await dying.End(killed, lost);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_host_that_takes_the_run_in_the_same_moment_and_the_request_never_both_win(bool sqlite)
    {
        await using var world = new World(sqlite);
        for (var round = 0; round < 20; round++)
        {
            Work.Script.Clear();
            var month = $"month {round}";
            Work.Fails = true;
            await world.FailAsync<IOException>(() => Work.Failing(month));
            Work.Fails = false;
            var run = (await (await world.OpenAsync()).GetFlowRunsAsync(new FlowRunQuery(), Cancellation))[0];
            var client = await world.ClientAsync();

            var asked = Task.Run(() => client.RerunAsync(run.Id, "Load", cancellationToken: Cancellation), Cancellation);
            var called = Task.Run(() => world.RunAsync(() => Work.Failing(month)), Cancellation);
            Assert.Equal("made of " + month, await called.WithinLimit("the call"));
            var isAsked = await asked.ContinueWith(done => done.Exception is null, TaskScheduler.Default);

            // Either the call went on with the run as it was, or as it was asked for; and what was asked for afterwards is still to be done.
            if (isAsked && (await world.RunOfAsync(run.Id)).State == FlowRunState.Queued)
                await world.RunAsync(() => Work.Failing(month));
            Assert.Equal(FlowRunState.Completed, (await world.RunOfAsync(run.Id)).State);
            var loads = (await world.StepsAsync(run.Id)).Where(step => step.Step.Name.EndsWith("Load", StringComparison.Ordinal));
            Assert.Equal(isAsked ? [true, false] : [false], loads.Select(load => load.Discarded));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_chain_of_a_hundred_thousand_steps_is_asked_for_from_its_first(bool sqlite)
    {
        const int length = 100_000;
        await using var world = new World(sqlite);
        var store = await world.OpenAsync();
        var id = RunId.New(TimeProvider.System);
        await store.WriteAsync(Chain(id, length), Cancellation);

        // Every step depends on the one before it: whoever looks at all of them for each of them is not done in the time.
        var plan = await (await world.ClientAsync()).RerunAsync(id, 2, cancellationToken: Cancellation).WithinLimit("the request");

        Assert.Equal((1, length - 1), (plan.Count(PlannedAction.Reused), plan.Count(PlannedAction.RunsAgain)));
        Assert.Equal(length - 1, (await world.StepsAsync(id)).Count(step => step.Discarded));
    }

    private static WriteBatch Chain(RunId id, int length)
    {
        var batch = new WriteBatch();
        var step = new StepCode("Chain.Link", null, null, 0);
        var result = "[1]"u8.ToArray();
        batch.FlowRuns.Add(new FlowRunRecord
        {
            Id = id,
            Flow = "Chain",
            State = FlowRunState.Completed,
            Parameters = "{}"u8.ToArray(),
            ParametersHash = ContentHash.Of("{}"u8),
            RootRunId = id,
            CreatedAt = DateTimeOffset.UnixEpoch,
            EndedAt = DateTimeOffset.UnixEpoch,
        });
        for (var sequence = 1; sequence <= length; sequence++)
        {
            var inputs = sequence == 1 ? null : Encoding.UTF8.GetBytes($"{{\"before\":{{\"$step\":{sequence - 1}}}}}");
            batch.StepRuns.Add(new StepRunRecord
            {
                RunId = id,
                Sequence = sequence,
                Key = new StepKey(ContentHash.Of(BitConverter.GetBytes(sequence)), 0),
                Step = step,
                State = StepRunState.Completed,
                Attempt = 1,
                StartedAt = DateTimeOffset.UnixEpoch,
                EndedAt = DateTimeOffset.UnixEpoch,
                Inputs = inputs,
                Result = new StoredValue(ValueFormat.Json, result, null, ContentHash.Of(result), result.Length),
            });
        }

        return batch;
    }

    internal static class Work
    {
        internal static Script Script { get; } = new();

        internal static bool Fails { get; set; }

        internal static async Task Until(Func<bool> condition)
        {
            while (!condition())
                await Task.Yield();
        }

        [Flow]
        internal static async Task<string> Month(string month) => await Make(await Load(month));

        [Flow(OnRerun = OnRerun.Resume)]
        internal static async Task<string> Failing(string month)
        {
            var made = await Make(await Load(month));
            return Fails ? throw new IOException() : made;
        }

        [Step]
        internal static async Task<string[]> Load(string month)
        {
            await Task.Yield();
            Script.Say("load");
            return [month];
        }

        [Step]
        internal static async Task<string> Make(string[] rows)
        {
            await Task.Yield();
            Script.Say("make");
            return $"made of {rows[0]}";
        }
    }
}
