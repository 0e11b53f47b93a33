using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

public abstract partial class RunStoreConformance
{
    /// <summary>Each kind of record, of a run, and what the store has of that kind.</summary>
    private static readonly Dictionary<string, (Func<FlowRunRecord, object> Record, Func<IRunStore, RunId, Task<object?>> Kept)> Leased = new()
    {
        ["flow run"] = (
            run => run with { Name = "from the grave", Fence = run.Fence + 9 },
            async (store, run) => await store.GetFlowRunAsync(run, Cancellation)),
        ["step run"] = (
            run => A.StepRun(run.Id, 1),
            async (store, run) => await store.GetStepRunsAsync(run, Cancellation).ToListAsync(Cancellation)),
        ["ledger entry"] = (
            run => A.Ledger(run.Id, "why"),
            async (store, run) => await store.GetLedgerAsync(run, Cancellation)),
        ["log line"] = (
            run => A.Log(run.Id, 1, "a line"),
            async (store, run) => await store.GetLogsAsync(run, null, 10, Cancellation)),
        ["artifact"] = (
            run => A.Artifact(run.Id, 1, "k", "c"),
            async (store, run) => await store.GetArtifactsAsync(run, Cancellation)),
        ["cache entry"] = (
            run => A.Cached("S", "k", A.Instant, "1") with { RunId = run.Id },
            async (store, _) => await store.FindCachedAsync("S", A.Cached("S", "k", A.Instant, "1").Key, Cancellation)),
        ["question"] = (
            run => A.Question(run.Id, 1),
            async (store, run) => await store.GetQuestionsAsync(run, false, 10, Cancellation)),
        ["taken message"] = (
            run => new TakenMessage(run.Id, 1, 7),
            async (store, _) => await store.GetMessagesAsync(0, 10, Cancellation)),
    };

    public static TheoryData<string> LeasedKinds => [.. Leased.Keys];

    [Theory]
    [MemberData(nameof(LeasedKinds))]
    public async Task Nothing_is_written_under_a_lost_lease(string kind)
    {
        var (record, kept) = Leased[kind];
        var run = A.FlowRun() with { Fence = 2 };
        await WriteAsync(run);
        await SendAsync(A.Message(run.Id));
        var before = await RecordText.OfAsync(await kept(Store, run.Id), Store, Cancellation);

        await Assert.ThrowsAsync<LeasesLostException>(() => WriteUnderAsync(new RunLease(run.Id, 1), run.Id, record(run)));

        Assert.Equal(before, await RecordText.OfAsync(await kept(Store, run.Id), Store, Cancellation));
    }

    [Theory]
    [MemberData(nameof(LeasedKinds))]
    public async Task Everything_is_written_under_the_newest_lease(string kind)
    {
        var (record, kept) = Leased[kind];
        var run = A.FlowRun() with { Fence = 2 };
        await WriteAsync(run);
        await SendAsync(A.Message(run.Id));
        var before = await RecordText.OfAsync(await kept(Store, run.Id), Store, Cancellation);

        await WriteUnderAsync(new RunLease(run.Id, 2), run.Id, record(run));

        Assert.NotEqual(before, await RecordText.OfAsync(await kept(Store, run.Id), Store, Cancellation));
    }

    [Theory]
    [MemberData(nameof(LeasedKinds))]
    public async Task A_sub_flow_is_written_under_the_lease_of_its_root(string kind)
    {
        var (record, kept) = Leased[kind];
        var root = A.FlowRun() with { Fence = 1 };
        var sub = A.SubFlow(root) with { Fence = 9 };
        await WriteAsync(root, sub);
        await SendAsync(A.Message(sub.Id));
        await Store.TryClaimAsync(root.Id, 1, Guid.CreateVersion7(), Now, Cancellation);
        var before = await RecordText.OfAsync(await kept(Store, sub.Id), Store, Cancellation);

        await Assert.ThrowsAsync<LeasesLostException>(() => WriteUnderAsync(new RunLease(root.Id, 1), sub.Id, record(sub)));
        Assert.Equal(before, await RecordText.OfAsync(await kept(Store, sub.Id), Store, Cancellation));

        await WriteUnderAsync(new RunLease(root.Id, 2), sub.Id, record(sub));
        Assert.NotEqual(before, await RecordText.OfAsync(await kept(Store, sub.Id), Store, Cancellation));
    }

    [Fact]
    public async Task The_lost_leases_are_named_and_what_is_left_can_be_written()
    {
        var mine = A.FlowRun() with { Fence = 1 };
        var lost = A.FlowRun() with { Fence = 4 };
        var lostToo = A.FlowRun() with { Fence = 9 };
        var subOfLost = A.SubFlow(lost);
        await WriteAsync(mine, lost, lostToo, subOfLost);
        var batch = Batch(
            A.StepRun(mine.Id, 1), A.StepRun(lost.Id, 1), A.StepRun(lostToo.Id, 1), A.StepRun(subOfLost.Id, 1), A.Log(mine.Id, 1, "mine"));
        batch.Leases[mine.Id] = new RunLease(mine.Id, 1);
        batch.Leases[lost.Id] = new RunLease(lost.Id, 3);
        batch.Leases[subOfLost.Id] = new RunLease(lost.Id, 3);
        batch.Leases[lostToo.Id] = new RunLease(lostToo.Id, 8);

        var error = await Assert.ThrowsAsync<LeasesLostException>(async () => await Store.WriteAsync(batch, Cancellation));

        Assert.Equal([new RunLease(lost.Id, 3), new RunLease(lostToo.Id, 8)], error.Leases.OrderBy(lease => lease.Fence));
        Assert.Empty(await StepRunsAsync(mine.Id));
        Assert.Empty(await Store.GetLogsAsync(mine.Id, null, 10, Cancellation));

        batch.RemoveLost(error.Leases);
        await Store.WriteAsync(batch, Cancellation);

        Assert.Single(await StepRunsAsync(mine.Id));
        Assert.Single(await Store.GetLogsAsync(mine.Id, null, 10, Cancellation));
        foreach (var run in (RunId[])[lost.Id, lostToo.Id, subOfLost.Id])
            Assert.Empty(await StepRunsAsync(run));
    }

    [Fact]
    public async Task A_run_is_created_under_its_first_lease()
    {
        var run = A.FlowRun() with { Fence = 1 };

        await WriteUnderAsync(new RunLease(run.Id, 1), run.Id, run, A.StepRun(run.Id, 1));

        Assert.Equal(1, (await RunAsync(run.Id)).Fence);
        Assert.Single(await StepRunsAsync(run.Id));
    }

    [Theory]
    [InlineData("claim")]
    [InlineData("claim of what is due")]
    [InlineData("replacement")]
    public async Task A_lease_is_lost_when_others_get_the_run(string how)
    {
        var run = A.Parked(Now) with { Fence = 1 };
        await WriteAsync(run);

        switch (how)
        {
            case "claim":
                await Store.TryClaimAsync(run.Id, 1, Guid.CreateVersion7(), Now, Cancellation);
                break;
            case "replacement":
                await Store.TryReplaceAsync(run with { Fence = 2 }, 1, [], Cancellation);
                break;
            default:
                await ClaimDueAsync();
                break;
        }

        var error = await Assert.ThrowsAsync<LeasesLostException>(
            () => WriteUnderAsync(new RunLease(run.Id, 1), run.Id, A.StepRun(run.Id, 1)));
        Assert.Equal([new RunLease(run.Id, 1)], error.Leases);
        await WriteUnderAsync(new RunLease(run.Id, 2), run.Id, A.StepRun(run.Id, 1));
    }

    /// <summary>Writes records of a run under a lease.</summary>
    private Task WriteUnderAsync(RunLease lease, RunId run, params object[] records)
    {
        var batch = Batch(records);
        batch.Leases[run] = lease;
        return Store.WriteAsync(batch, Cancellation).AsTask();
    }
}
