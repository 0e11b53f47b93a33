using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>Whoever listens hears of what hosts look for, from this store and from another one on the same data.</summary>
public abstract partial class RunStoreConformance
{
    public static TheoryData<string> LookedFor =>
    [
        "a run that waits", "a run for later", "a message", "a pause", "the end of a pause", "a start", "a run that is left", "a run that is given back",
        "an end that no call waits for", "a flow", "a message in a batch",
    ];

    [Theory]
    [MemberData(nameof(LookedFor))]
    public async Task What_a_host_looks_for_is_heard(string what)
    {
        var run = A.FlowRun("F") with { CallerHostId = Guid.Empty };
        await WriteAsync(run);
        await Store.SetPausedAsync("H", new PausedFlow("H", Now, "ada", null), Cancellation);
        await using var other = CreateSecondStore();
        await other.OpenAsync(Cancellation);
        foreach (var listening in (IRunStore[])[Store, other])
        {
            using var heard = new SemaphoreSlim(0);
            using (listening.Listen(() => heard.Release()))
            {
                await WriteLookedForAsync(what, run);
                Assert.True(await heard.WaitAsync(Limit, Cancellation), $"{what} was not heard by {(listening == Store ? "the same store" : "the other store")}");
            }

            await Store.SetPausedAsync("H", new PausedFlow("H", Now, "ada", null), Cancellation);
        }
    }

    [Fact]
    public async Task Nobody_hears_what_he_does_not_listen_to_any_more()
    {
        var first = 0;
        using var heard = new SemaphoreSlim(0);
        var ended = Store.Listen(() => Interlocked.Increment(ref first));
        using var goesOn = Store.Listen(() => heard.Release());
        ended.Dispose();
        ended.Dispose();

        await WriteAsync(A.Parked(Now));

        Assert.True(await heard.WaitAsync(Limit, Cancellation));
        Assert.Equal(0, first);
    }

    private async Task WriteLookedForAsync(string what, FlowRunRecord run)
    {
        switch (what)
        {
            case "a run that waits":
                await WriteAsync(A.Parked(Now));
                break;
            case "a run for later":
                await WriteAsync(A.Parked(Now.AddDays(1)));
                break;
            case "a message":
                await SendAsync(A.Message(run.Id));
                break;
            case "a pause":
                await Store.SetPausedAsync("F", new PausedFlow("F", Now.AddTicks(Random.Shared.Next(1, 1 << 20) * 10), "ada", null), Cancellation);
                break;
            case "the end of a pause":
                await Store.SetPausedAsync("H", null, Cancellation);
                break;
            case "a start":
                await Store.StartAsync([new RunStart { Run = Started() }], Cancellation);
                break;
            case "a run that is left":
                await WriteAsync(run with { State = FlowRunState.Queued });
                break;
            case "a run that is given back":
                var now = await RunAsync(run.Id);
                await Store.TryReplaceAsync(now with { Fence = now.Fence + 1, State = FlowRunState.Crashed, WakeAt = Now }, now.Version, [], Cancellation);
                break;
            case "an end that no call waits for":
                await WriteAsync(A.FlowRun(state: FlowRunState.Completed));
                break;
            case "a flow":
                await Store.PutFlowsAsync([Samples.FullFlow], Cancellation);
                break;
            default:
                var batch = new WriteBatch();
                batch.Messages.Add(A.Message(run.Id));
                await Store.WriteAsync(batch, Cancellation);
                break;
        }
    }
}
