using Fletcher.Model;

namespace Fletcher.Conformance;

public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task A_run_is_replaced_when_nobody_claimed_it_since()
    {
        var run = A.FlowRun() with { Fence = 7, HostId = Guid.CreateVersion7() };
        await WriteAsync(run);
        var crashed = Samples.FullFlowRun with { Id = run.Id, RootRunId = run.Id, Fence = 8, State = FlowRunState.Crashed };

        Assert.True(await Store.TryReplaceAsync(crashed, 7, [A.Ledger(run.Id, "1"), A.Ledger(run.Id, "2")], Cancellation));

        await AssertSameAsync(crashed, await RunAsync(run.Id));
        Assert.Equal(["1", "2"], (await Store.GetLedgerAsync(run.Id, Cancellation)).Select(entry => entry.Reason));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(8)]
    public async Task A_replacement_with_another_fence_changes_nothing(long fence)
    {
        var run = A.FlowRun() with { Fence = 7 };
        var sub = A.SubFlow(run);
        await WriteAsync(run, sub);
        var failed = run with { Fence = 9, State = FlowRunState.Failed };

        Assert.False(await Store.TryReplaceAsync(failed, fence, [A.Ledger(run.Id, "why")], Cancellation));

        await AssertSameAsync(run, await RunAsync(run.Id));
        await AssertSameAsync(sub, await RunAsync(sub.Id));
        Assert.Empty(await Store.GetLedgerAsync(run.Id, Cancellation));
    }

    [Fact]
    public async Task A_run_that_is_not_there_is_not_replaced()
    {
        var run = A.FlowRun() with { Fence = 1 };

        Assert.False(await Store.TryReplaceAsync(run, 0, [A.Ledger(run.Id, "why")], Cancellation));

        Assert.Null(await Store.GetFlowRunAsync(run.Id, Cancellation));
        Assert.Empty(await Store.GetLedgerAsync(run.Id, Cancellation));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    public async Task A_replacement_must_bring_a_greater_fence(long fence)
    {
        var run = A.FlowRun() with { Fence = 7 };
        await WriteAsync(run);

        var error = await Assert.ThrowsAsync<ArgumentException>(
            async () => await Store.TryReplaceAsync(run with { Fence = fence }, 7, [], Cancellation));

        Assert.Contains($"{run.Id}", error.Message, StringComparison.Ordinal);
        await AssertSameAsync(run, await RunAsync(run.Id));
    }

    [Fact]
    public async Task A_bad_ledger_entry_spoils_the_whole_replacement()
    {
        var run = A.FlowRun();
        var sub = A.SubFlow(run);
        await WriteAsync(run, sub);

        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.TryReplaceAsync(
            run with { Fence = 1, State = FlowRunState.Failed }, 0, [A.Ledger(run.Id, "1"), A.Ledger(run.Id, null!)], Cancellation));

        await AssertSameAsync(run, await RunAsync(run.Id));
        await AssertSameAsync(sub, await RunAsync(sub.Id));
        Assert.Empty(await Store.GetLedgerAsync(run.Id, Cancellation));
    }

    [Theory]
    [InlineData(FlowRunState.Completed)]
    [InlineData(FlowRunState.Failed)]
    [InlineData(FlowRunState.Cancelled)]
    [InlineData(FlowRunState.Crashed)]
    public async Task Open_runs_of_its_family_end_with_a_root_that_is_replaced(FlowRunState end)
    {
        var root = A.FlowRun() with { HostId = Guid.CreateVersion7() };
        var sub = A.SubFlow(root) with { Fence = 4, Reason = "it waits", WakeAt = Now, NextAttemptAt = Now };
        var waiting = A.SubFlow(sub, FlowRunState.Waiting) with { HostId = null };
        await WriteAsync(root, sub, waiting);

        var ended = root with { Fence = 1, State = end, Reason = "its host is gone", EndedAt = Now, HostId = null };
        Assert.True(await Store.TryReplaceAsync(ended, 0, [], Cancellation));

        await AssertSameAsync(
            sub with { Fence = 5, State = end, Reason = "its host is gone", EndedAt = Now, HostId = null, WakeAt = null }, await RunAsync(sub.Id));
        await AssertSameAsync(
            waiting with { Fence = 1, State = end, Reason = "its host is gone", EndedAt = Now }, await RunAsync(waiting.Id));
    }

    [Fact]
    public async Task Others_than_its_open_family_are_left_alone_by_the_end_of_a_root()
    {
        var root = A.FlowRun();
        FlowRunRecord[] others =
        [
            A.SubFlow(root, FlowRunState.Completed),
            A.SubFlow(root, FlowRunState.Failed),
            A.FlowRun() with { ParentRunId = root.Id }, // started by it, and a root itself
            A.SubFlow(A.FlowRun()),
            A.FlowRun(),
        ];
        await WriteAsync([root, .. others]);

        Assert.True(await Store.TryReplaceAsync(root with { Fence = 1, State = FlowRunState.Cancelled }, 0, [], Cancellation));

        foreach (var other in others)
            await AssertSameAsync(other, await RunAsync(other.Id));
    }

    [Theory]
    [InlineData(FlowRunState.Waiting)]
    [InlineData(FlowRunState.Queued)]
    [InlineData(FlowRunState.Cancelling)]
    public async Task A_family_goes_on_with_a_root_that_is_replaced_by_an_open_one(FlowRunState state)
    {
        var root = A.FlowRun();
        var sub = A.SubFlow(root);
        await WriteAsync(root, sub);

        Assert.True(await Store.TryReplaceAsync(root with { Fence = 1, State = state }, 0, [], Cancellation));

        await AssertSameAsync(sub, await RunAsync(sub.Id));
    }

    [Fact]
    public async Task The_end_of_a_sub_flow_does_not_end_its_family()
    {
        var root = A.FlowRun();
        var sub = A.SubFlow(root);
        var sibling = A.SubFlow(root);
        await WriteAsync(root, sub, sibling);

        Assert.True(await Store.TryReplaceAsync(sub with { Fence = 1, State = FlowRunState.Failed }, 0, [], Cancellation));

        await AssertSameAsync(root, await RunAsync(root.Id));
        await AssertSameAsync(sibling, await RunAsync(sibling.Id));
    }

    [Fact]
    public async Task A_replacement_that_waits_is_due_when_it_was_sent_something()
    {
        var run = A.FlowRun("F");
        await WriteAsync(run);
        await SendAsync(A.Message(run.Id));

        Assert.True(await Store.TryReplaceAsync(run with { Fence = 1, State = FlowRunState.Waiting }, 0, [], Cancellation));

        Assert.Equal(Now, (await RunAsync(run.Id)).WakeAt);
    }

    [Fact]
    public async Task Two_stores_add_to_the_ledger_of_a_run_in_turn()
    {
        var run = A.FlowRun();
        await WriteAsync(run);
        var second = CreateSecondStore();
        await second.OpenAsync(Cancellation);

        for (var fence = 0; fence < 4; fence++)
        {
            var store = fence % 2 == 0 ? Store : second;
            Assert.True(await store.TryReplaceAsync(
                run with { Fence = fence + 1 }, fence, [A.Ledger(run.Id, $"{fence}"), A.Ledger(run.Id, "and")], Cancellation));
        }

        Assert.Equal(
            ["0", "and", "1", "and", "2", "and", "3", "and"], (await Store.GetLedgerAsync(run.Id, Cancellation)).Select(entry => entry.Reason));
        if (second != Store)
            await second.DisposeAsync();
    }

    [Fact]
    public async Task A_replacement_keeps_a_large_result()
    {
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        var run = A.FlowRun();
        await WriteAsync(run);

        var replaced = run with { Fence = 1, State = FlowRunState.Completed, Result = A.Value(content) };
        Assert.True(await Store.TryReplaceAsync(replaced, 0, [], Cancellation));

        Assert.Equal(content, (await Store.ReadValueAsync((await RunAsync(run.Id)).Result!, Cancellation)).ToArray());
    }
}
