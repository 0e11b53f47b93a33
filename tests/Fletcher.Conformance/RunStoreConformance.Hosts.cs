using Fletcher.Model;

namespace Fletcher.Conformance;

public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task Hosts_live_until_their_end_is_noted()
    {
        var living = A.Host() with { Beat = 1, Flows = ["F"] };
        var ended = A.Host();
        foreach (var host in (HostRecord[])[living, ended, ended with { EndedAt = Now, EndReason = "killed" }, living with { Beat = 2 }])
            await Store.PutHostAsync(host, Cancellation);

        await AssertSameAsync(new[] { living with { Beat = 2 } }, (await Store.GetLivingHostsAsync(Cancellation)).ToArray());
    }

    [Fact]
    public async Task Owners_are_the_hosts_of_open_roots_each_once()
    {
        Guid[] hosts = [Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.Parse("ffffffff-ffff-ffff-ffff-ffffffffffff"), Guid.Empty];
        foreach (var host in hosts)
            await WriteAsync([.. Enumerable.Range(0, 5).Select(_ => A.FlowRun() with { HostId = host })]);
        var ended = A.FlowRun(state: FlowRunState.Failed) with { HostId = Guid.CreateVersion7() };
        await WriteAsync(
            ended,
            A.FlowRun(state: FlowRunState.Crashed) with { HostId = Guid.CreateVersion7() },
            A.FlowRun(),
            A.SubFlow(A.FlowRun()) with { HostId = Guid.CreateVersion7() });

        Assert.Equal(hosts.Order(), (await Store.GetOwnersAsync(Cancellation)).Order());
    }

    [Fact]
    public async Task A_store_without_runs_has_no_owners()
    {
        await Store.PutHostAsync(A.Host(), Cancellation);

        Assert.Empty(await Store.GetOwnersAsync(Cancellation));
    }

    [Fact]
    public async Task A_host_owns_nothing_any_more_when_its_runs_have_left_it()
    {
        var runs = Enumerable.Range(0, 4).Select(_ => A.FlowRun() with { HostId = Guid.CreateVersion7() }).ToArray();
        await WriteAsync(runs);

        await WriteAsync(runs[0] with { State = FlowRunState.Completed, HostId = null });
        await WriteAsync(runs[1] with { State = FlowRunState.Waiting, HostId = null });
        var claimed = await Store.TryClaimAsync(runs[2].Id, 0, Guid.CreateVersion7(), Now, Cancellation);
        await Store.TryReplaceAsync(runs[3] with { State = FlowRunState.Crashed, HostId = null, Fence = 1 }, 0, [], Cancellation);

        Assert.Equal([claimed!.HostId!.Value], await Store.GetOwnersAsync(Cancellation));
        foreach (var run in runs)
            Assert.Empty(await Store.GetRunsOfHostAsync(run.HostId!.Value, default, 10, Cancellation));
    }

    [Fact]
    public async Task Open_roots_of_a_host_are_read_in_pages()
    {
        var host = Guid.CreateVersion7();
        var runs = Enumerable.Range(0, 25).Select(i => A.FlowRun(state: (FlowRunState)(i % 5)) with { HostId = host }).ToArray();
        await WriteAsync(
            [
                .. runs,
                A.FlowRun(state: FlowRunState.Completed) with { HostId = host },
                A.FlowRun(state: FlowRunState.Crashed) with { HostId = host },
                A.SubFlow(runs[0]),
                A.FlowRun() with { HostId = Guid.CreateVersion7() },
                A.FlowRun(),
            ]);

        var read = new List<FlowRunRecord>();
        IReadOnlyList<FlowRunRecord> page;
        do
        {
            page = await Store.GetRunsOfHostAsync(host, read.Count == 0 ? default : read[^1].Id, 10, Cancellation);
            Assert.True(page.Count <= 10);
            read.AddRange(page);
        }
        while (page.Count > 0);

        await AssertSameAsync(runs, read.ToArray());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Store.GetRunsOfHostAsync(host, default, 0, Cancellation));
    }
}
