using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>
/// Random calls of everything that has to do with who has a run, on the store and on one in memory side by side: each must answer the
/// same and leave the same. For the store in memory itself this says that it does not throw.
/// </summary>
public abstract partial class RunStoreConformance
{
    private static readonly string[] Flows = ["F", "G"];
    private static readonly string[] Keys = ["", "a", "b", "\uFFFD", "\U0001F3F9"];
    private static readonly Guid[] HostIds = [Guid.Empty, Guid.CreateVersion7(), Guid.CreateVersion7()];

    [Fact]
    public async Task The_store_behaves_as_the_one_in_memory()
    {
        await using var model = new MemoryStore(Clock);
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var roots = Enumerable.Range(0, 4).Select(_ => A.FlowRun()).ToArray();
            FlowRunRecord[] runs = [.. roots, A.SubFlow(roots[0]), A.SubFlow(roots[0]), A.SubFlow(roots[1])];
            for (var step = 0; step < 50; step++)
            {
                var (name, call) = NextCall(random, runs);
                var expected = await OutcomeAsync(model, call);
                var actual = await OutcomeAsync(Store, call);
                Assert.True(expected == actual, $"seed {seed}, step {step}, {name}:\nexpected {expected}\nbut was {actual}");

                expected = await StateAsync(model, runs);
                actual = await StateAsync(Store, runs);
                Assert.True(expected == actual, $"seed {seed}, step {step}, after {name}:\nexpected {expected}\nbut was {actual}");
            }
        }
    }

    private static (string Name, Func<IRunStore, Task<object?>> Call) NextCall(Random random, FlowRunRecord[] runs)
    {
        var run = NextRecord(random, runs);
        var host = HostIds[random.Next(HostIds.Length)];
        var fence = random.Next(4);
        var now = NextInstant(random)!.Value;
        var limit = random.Next(1, 4);
        var flow = Flows[random.Next(Flows.Length)];
        switch (random.Next(9))
        {
            case 0 or 1:
                var batch = NextBatch(random, runs);
                return ("write", async store =>
                {
                    await store.WriteAsync(batch, Cancellation);
                    return null;
                }
                );
            case 2:
                return ("claim", async store => await store.TryClaimAsync(run.Id, fence, host, now, Cancellation));
            case 3:
                var request = NextRequest(random, host, now, limit);
                return ("claim due", async store => await store.ClaimDueAsync(request, Cancellation));
            case 4:
                return ("replace", async store => await store.TryReplaceAsync(run, fence, [A.Ledger(run.Id, "why")], Cancellation));
            case 5 or 6:
                var message = A.Message(run.Id, (MessageKind)random.Next(6), random.Next(3) == 0 ? $"{random.Next(3)}" : null);
                return ("send", async store => await store.SendAsync(message, Cancellation));
            case 7:
                var once = run with { OnceKey = $"{run.RootRunId} {random.Next(2)}" };
                return ("create once", async store => await store.TryCreateOnceAsync(once, Cancellation));
            default:
                var paused = random.Next(2) == 0 ? new PausedFlow(flow, now, "ada", null) : null;
                return ("pause", async store => await store.SetPausedAsync(flow, paused, Cancellation));
        }
    }

    private static ClaimRequest NextRequest(Random random, Guid host, DateTimeOffset now, int limit) => new()
    {
        HostId = host,
        Flows = Flows,
        Queues = random.Next(3) == 0 ? ["slow"] : [],
        Labels = random.Next(2) == 0 ? ["gpu", "dmz"] : [],
        Room = random.Next(3) == 0 ? new Dictionary<string, int> { [Flows[0]] = random.Next(3) } : [],
        LastServed = random.Next(2) == 0 ? new Dictionary<int, string> { [0] = Keys[random.Next(Keys.Length)] } : [],
        Now = now,
        Limit = limit,
    };

    private static WriteBatch NextBatch(Random random, FlowRunRecord[] runs)
    {
        var batch = new WriteBatch();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var run = NextRecord(random, runs);
            batch.FlowRuns.Add(run);
            batch.StepRuns.Add(A.StepRun(run.Id, random.Next(1, 3), (StepRunState)random.Next(3)));
            if (random.Next(2) == 0)
                batch.Taken.Add(new TakenMessage(run.Id, random.Next(1, 200), random.Next(-1, 3)));
            if (random.Next(3) == 0)
                batch.Questions.Add(A.Question(run.Id, random.Next(1, 3), NextInstant(random)) with { ClosedAt = NextInstant(random) });
            if (random.Next(2) == 0)
                batch.Leases[run.Id] = new RunLease(run.RootRunId, random.Next(5));
        }

        return batch;
    }

    private static FlowRunRecord NextRecord(Random random, FlowRunRecord[] runs)
    {
        var states = Enum.GetValues<FlowRunState>();
        var run = runs[random.Next(runs.Length)];
        return run with
        {
            Flow = Flows[random.Next(Flows.Length)],
            State = states[random.Next(states.Length)],
            Fence = random.Next(5),
            HostId = random.Next(2) == 0 ? null : HostIds[random.Next(HostIds.Length)],
            WakeAt = NextInstant(random),
            OnceKey = random.Next(3) == 0 ? $"{run.RootRunId} {random.Next(2)}" : null,
            LastMessage = random.Next(200),
            Undoing = random.Next(2) == 0 ? A.Undoing : null,
            Error = random.Next(2) == 0 ? Samples.Error : null,
            Reason = random.Next(2) == 0 ? "why" : null,
            Priority = random.Next(4) == 0 ? random.Next(-1, 2) : 0,
            FairnessKey = Keys[random.Next(Keys.Length)],
            Queue = random.Next(5) == 0 ? "slow" : FlowRunRecord.DefaultQueue,
            Labels = random.Next(5) == 0 ? ["gpu"] : [],
        };
    }

    private static DateTimeOffset? NextInstant(Random random) => random.Next(6) switch
    {
        0 => Now.AddMinutes(-1),
        1 => Now.AddMinutes(1),
        2 => DateTimeOffset.MaxValue,
        3 => Now.AddMinutes(random.Next(-10, 10)),
        _ => Now,
    };

    private static async Task<string> OutcomeAsync(IRunStore store, Func<IRunStore, Task<object?>> call)
    {
        try
        {
            return await RecordText.OfAsync(await call(store), store, Cancellation);
        }
        catch (LeasesLostException e)
        {
            return $"lost {string.Join(", ", e.Leases.OrderBy(lease => lease.Root).ThenBy(lease => lease.Fence))}";
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }

    private static async Task<string> StateAsync(IRunStore store, FlowRunRecord[] runs)
    {
        var state = new List<object?>
        {
            await store.GetNextWakeAsync(Flows, Cancellation),
            (await store.GetOwnersAsync(Cancellation)).Order(),
            await store.GetPausedAsync(Cancellation),
            await store.GetLastMessageAsync(Cancellation),
            await store.GetQuestionsAsync(null, onlyOpen: true, 5, Cancellation),
        };
        foreach (var host in HostIds)
            state.Add((await store.GetRunsOfHostAsync(host, runs[0].Id, 3, Cancellation)).Select(run => run.Id.ToString()));
        foreach (var run in runs)
        {
            state.Add(await store.GetFlowRunAsync(run.Id, Cancellation));
            state.Add((await store.GetUntakenAsync(run.Id, Cancellation)).Select(message => message.Number));
            state.Add(await store.GetStepRunsAsync(run.Id, Cancellation).Select(stepRun => stepRun.State).ToListAsync(Cancellation));
            state.Add((await store.GetLedgerAsync(run.Id, Cancellation)).Count);
        }

        return await RecordText.OfAsync(state, store, Cancellation);
    }
}
