using Fletcher.Model;

namespace Fletcher.Conformance;

public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task A_claim_gives_the_run_to_the_host()
    {
        var run = Samples.FullFlowRun with
        {
            State = FlowRunState.Crashed,
            Fence = 7,
            Attempt = 2,
            OnceKey = null,
            HostId = Guid.CreateVersion7(),
            Undoing = null,
        };
        await WriteAsync(run);
        var host = Guid.CreateVersion7();

        var claimed = await Store.TryClaimAsync(run.Id, 7, host, A.Instant.AddHours(1), Cancellation);

        var expected = run with
        {
            State = FlowRunState.Running,
            Fence = 8,
            Attempt = 3,
            HostId = host,
            EndedAt = null,
            Error = null,
            Reason = null,
            WakeAt = null,
        };
        await AssertSameAsync(expected, claimed);
        await AssertSameAsync(expected, await Store.GetFlowRunAsync(run.Id, Cancellation));
    }

    [Fact]
    public async Task A_claim_of_a_run_that_is_undoing_keeps_its_error()
    {
        var run = A.FlowRun(state: FlowRunState.Crashed) with { Undoing = A.Undoing, Error = Samples.Error };
        await WriteAsync(run);

        var claimed = await Store.TryClaimAsync(run.Id, 0, Guid.CreateVersion7(), A.Instant, Cancellation);

        await AssertSameAsync(Samples.Error, claimed!.Error);
        await AssertSameAsync(Samples.Error, (await RunAsync(run.Id)).Error);
    }

    [Fact]
    public async Task A_claim_of_a_run_that_never_began_says_when_it_does()
    {
        var run = A.FlowRun(state: FlowRunState.Queued);
        await WriteAsync(run);

        var claimed = await Store.TryClaimAsync(run.Id, 0, Guid.CreateVersion7(), A.Instant.AddHours(1), Cancellation);

        Assert.Equal(A.Instant.AddHours(1), claimed!.StartedAt);
    }

    [Fact]
    public async Task A_crashed_run_that_is_due_to_be_resumed_has_its_key()
    {
        var crashed = A.FlowRun(state: FlowRunState.Crashed) with { OnceKey = "k", WakeAt = A.Instant.AddMinutes(1) };
        await WriteAsync(crashed);

        await AssertSameAsync(crashed, await Store.TryCreateOnceAsync(A.FlowRun() with { OnceKey = "k" }, Cancellation));
        await AssertSameAsync(crashed, await Store.FindOnceAsync(crashed.Flow, "k", Cancellation));

        await WriteAsync(crashed with { WakeAt = null });
        Assert.Null(await Store.TryCreateOnceAsync(A.FlowRun() with { OnceKey = "k" }, Cancellation));
    }

    [Fact]
    public async Task A_run_that_changed_under_the_same_fence_is_not_claimed()
    {
        var run = A.FlowRun() with { Fence = 7, HostId = Guid.CreateVersion7() };
        await WriteAsync(run with { State = FlowRunState.Waiting, HostId = null });

        foreach (var read in new[] { run.Version, run.Version with { HostId = null }, run.Version with { State = FlowRunState.Waiting } })
            Assert.Null(await Store.TryClaimAsync(run.Id, read, Guid.CreateVersion7(), A.Instant, Cancellation));

        Assert.Equal((7, FlowRunState.Waiting), ((await RunAsync(run.Id)).Fence, (await RunAsync(run.Id)).State));
        Assert.NotNull(await Store.TryClaimAsync(run.Id, new RunVersion(7, FlowRunState.Waiting, null), Guid.CreateVersion7(), A.Instant, Cancellation));
    }

    /// <summary>What its owner wrote after it was read would be lost with what replaces it: that it undoes above all, or its body would be executed again.</summary>
    [Fact]
    public async Task What_an_owner_wrote_since_is_not_taken_back_by_who_read_before()
    {
        var read = A.FlowRun() with { Fence = 7, HostId = Guid.CreateVersion7(), State = FlowRunState.Running };
        FlowRunRecord[] written =
        [
            read with { Undoing = new UndoingRecord(FlowRunState.Failed, A.Instant, null) },
            read with { Failures = read.Failures + 1 },
            read with { Tags = [.. read.Tags, "one more"] },
        ];

        foreach (var run in written)
        {
            await WriteAsync(run);
            Assert.False(await Store.TryReplaceAsync(read with { State = FlowRunState.Crashed, HostId = null, Fence = 8 }, read.Version, [], Cancellation));
            Assert.Null(await Store.TryClaimAsync(run.Id, read.Version, Guid.CreateVersion7(), A.Instant, Cancellation));
            await AssertSameAsync(run, await RunAsync(run.Id));
        }

        Assert.NotNull(await Store.TryClaimAsync(read.Id, written[^1].Version, Guid.CreateVersion7(), A.Instant, Cancellation));
    }

    [Fact]
    public async Task A_run_that_changed_under_the_same_fence_is_not_replaced()
    {
        var run = A.FlowRun() with { Fence = 7, HostId = Guid.CreateVersion7() };
        await WriteAsync(run with { State = FlowRunState.Waiting, HostId = null });
        var crashed = run with { State = FlowRunState.Crashed, HostId = null, Fence = 8 };

        foreach (var read in new[] { run.Version, run.Version with { HostId = null }, run.Version with { State = FlowRunState.Waiting } })
            Assert.False(await Store.TryReplaceAsync(crashed, read, [], Cancellation));

        Assert.Equal((7, FlowRunState.Waiting), ((await RunAsync(run.Id)).Fence, (await RunAsync(run.Id)).State));
        Assert.True(await Store.TryReplaceAsync(crashed, new RunVersion(7, FlowRunState.Waiting, null), [], Cancellation));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(8)]
    public async Task A_claim_with_another_fence_is_refused(long fence)
    {
        var run = A.FlowRun() with { Fence = 7 };
        await WriteAsync(run);

        Assert.Null(await Store.TryClaimAsync(run.Id, fence, Guid.CreateVersion7(), A.Instant, Cancellation));

        await AssertSameAsync(run, await Store.GetFlowRunAsync(run.Id, Cancellation));
    }

    [Fact]
    public async Task Of_many_claimers_exactly_one_wins()
    {
        var runs = Enumerable.Range(0, 20).Select(_ => A.FlowRun(state: FlowRunState.Queued)).ToArray();
        await WriteAsync(runs);

        foreach (var run in runs)
        {
            var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
                async () => await Store.TryClaimAsync(run.Id, 0, Guid.CreateVersion7(), A.Instant, Cancellation), Cancellation)));

            var winner = Assert.Single(claims, c => c is not null);
            Assert.Equal(winner!.HostId, (await Store.GetFlowRunAsync(run.Id, Cancellation))!.HostId);
        }
    }

    [Fact]
    public async Task A_host_that_lost_the_run_cannot_write_it()
    {
        var run = A.FlowRun() with { HostId = Guid.CreateVersion7() };
        await WriteAsync(run);
        var claimed = await Store.TryClaimAsync(run.Id, 0, Guid.CreateVersion7(), A.Instant, Cancellation);

        await WriteAsync(run with { State = FlowRunState.Failed, Reason = "from the grave" });

        await AssertSameAsync(claimed, await Store.GetFlowRunAsync(run.Id, Cancellation));
    }

    [Fact]
    public async Task Once_creates_the_run_when_there_is_none()
    {
        var run = Samples.FullFlowRun with { OnceKey = "2026-10", State = FlowRunState.Running };

        Assert.Null(await Store.TryCreateOnceAsync(run, Cancellation));

        await AssertSameAsync(run, await Store.GetFlowRunAsync(run.Id, Cancellation));
        await AssertSameAsync(run, await Store.FindOnceAsync(run.Flow, "2026-10", Cancellation));
    }

    public static TheoryData<FlowRunState, bool> OnceStates => new()
    {
        { FlowRunState.Scheduled, true },
        { FlowRunState.Queued, true },
        { FlowRunState.Running, true },
        { FlowRunState.Waiting, true },
        { FlowRunState.Cancelling, true },
        { FlowRunState.Completed, true },
        { FlowRunState.Failed, false },
        { FlowRunState.Cancelled, false },
        { FlowRunState.Crashed, false },
    };

    [Theory]
    [MemberData(nameof(OnceStates))]
    public async Task Once_holds_while_a_run_is_open_or_completed(FlowRunState state, bool holds)
    {
        var first = A.FlowRun(state: state) with { OnceKey = "k" };
        await WriteAsync(first);
        var second = A.FlowRun() with { OnceKey = "k" };

        var existing = await Store.TryCreateOnceAsync(second, Cancellation);

        Assert.Equal(holds ? first.Id : null, existing?.Id);
        Assert.Equal(holds ? null : second.Id, (await Store.GetFlowRunAsync(second.Id, Cancellation))?.Id);
        Assert.Equal(holds ? first.Id : second.Id, (await Store.FindOnceAsync(first.Flow, "k", Cancellation))!.Id);
    }

    [Fact]
    public async Task Once_is_by_flow_and_by_key()
    {
        Assert.Null(await Store.TryCreateOnceAsync(A.FlowRun("F") with { OnceKey = "k" }, Cancellation));
        Assert.Null(await Store.TryCreateOnceAsync(A.FlowRun("G") with { OnceKey = "k" }, Cancellation));
        Assert.Null(await Store.TryCreateOnceAsync(A.FlowRun("F") with { OnceKey = "K" }, Cancellation));
        Assert.Null(await Store.TryCreateOnceAsync(A.FlowRun("F") with { OnceKey = "" }, Cancellation));
        Assert.NotNull(await Store.TryCreateOnceAsync(A.FlowRun("F") with { OnceKey = "k" }, Cancellation));
        Assert.Null(await Store.FindOnceAsync("F", "other", Cancellation));
    }

    [Fact]
    public async Task Once_without_a_key_is_refused() => await Assert.ThrowsAsync<ArgumentException>(
        async () => await Store.TryCreateOnceAsync(A.FlowRun(), Cancellation));

    [Fact]
    public async Task Of_many_that_create_once_exactly_one_does()
    {
        for (var round = 0; round < 20; round++)
        {
            var key = $"round {round}";
            var runs = Enumerable.Range(0, 8).Select(_ => A.FlowRun() with { OnceKey = key }).ToArray();

            var existing = await Task.WhenAll(runs.Select(run => Task.Run(
                async () => await Store.TryCreateOnceAsync(run, Cancellation), Cancellation)));

            var winner = runs[Array.FindIndex(existing, r => r is null)];
            Assert.Equal(7, existing.Count(r => r?.Id == winner.Id));
        }
    }

    [Fact]
    public async Task A_failed_run_cannot_be_claimed_once_another_has_its_key()
    {
        var failed = A.FlowRun(state: FlowRunState.Failed) with { OnceKey = "k" };
        await WriteAsync(failed);
        Assert.Null(await Store.TryCreateOnceAsync(A.FlowRun() with { OnceKey = "k" }, Cancellation));

        Assert.Null(await Store.TryClaimAsync(failed.Id, 0, Guid.CreateVersion7(), A.Instant, Cancellation));

        await AssertSameAsync(failed, await Store.GetFlowRunAsync(failed.Id, Cancellation));
    }
}
