using System.Globalization;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

public abstract partial class RunStoreConformance
{
    [Fact]
    public async Task Readers_see_whole_batches_while_batches_are_written()
    {
        const int Batches = 100;
        const int BatchSize = 50;
        var run = A.FlowRun();
        await WriteAsync(run);
        using var done = new CancellationTokenSource();

        async Task WriteAll()
        {
            for (var batch = 0; batch < Batches; batch++)
            {
                await Store.WriteAsync(
                    Batch([
                        run with { Name = $"{(batch + 1) * BatchSize}" },
                        .. Enumerable.Range((batch * BatchSize) + 1, BatchSize).Select(i => A.StepRun(run.Id, i))]),
                    Cancellation);
            }

            await done.CancelAsync();
        }

        async Task ReadAll()
        {
            while (!done.IsCancellationRequested)
            {
                var atLeast = int.Parse((await Store.GetFlowRunAsync(run.Id, Cancellation))!.Name ?? "0", CultureInfo.InvariantCulture);
                var count = (await StepRunsAsync(run.Id)).Count;
                Assert.True(count >= atLeast, $"{count} step runs, after a commit with {atLeast}");
                Assert.Equal(0, count % BatchSize);
            }
        }

        await WithinLimit(Task.WhenAll([
            Task.Run(WriteAll, Cancellation), .. Enumerable.Range(0, 4).Select(_ => Task.Run(ReadAll, Cancellation))]));
        Assert.Equal(Batches * BatchSize, (await StepRunsAsync(run.Id)).Count);
    }

    [Fact]
    public async Task Claims_and_hosts_may_be_written_beside_batches()
    {
        var runs = Enumerable.Range(0, 50).Select(_ => A.FlowRun(state: FlowRunState.Queued)).ToArray();
        await WriteAsync(runs);
        var host = A.Host();

        async Task Batches()
        {
            for (var i = 1; i <= 50; i++)
                await Store.WriteAsync(Batch(A.StepRun(runs[0].Id, i)), Cancellation);
        }

        async Task Claims()
        {
            foreach (var run in runs)
                Assert.NotNull(await Store.TryClaimAsync(run.Id, 0, host.Id, A.Instant, Cancellation));
        }

        async Task Heartbeats()
        {
            for (var i = 0; i < 50; i++)
                await Store.PutHostAsync(host with { HeartbeatAt = A.Instant.AddSeconds(i) }, Cancellation);
        }

        await WithinLimit(Task.WhenAll(
            Task.Run(Batches, Cancellation), Task.Run(Claims, Cancellation), Task.Run(Heartbeats, Cancellation)));

        Assert.Equal(50, (await StepRunsAsync(runs[0].Id)).Count);
        Assert.Equal(A.Instant.AddSeconds(49), (await Store.GetHostAsync(host.Id, Cancellation))!.HeartbeatAt);
        Assert.All(
            await Store.GetFlowRunsAsync(new FlowRunQuery(), Cancellation), run => Assert.Equal(host.Id, run.HostId));
    }

    [Fact]
    public async Task Nothing_is_done_for_a_cancelled_token()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var token = source.Token;
        var run = A.FlowRun() with { OnceKey = "k" };
        var hash = run.ParametersHash;

        Func<ValueTask>[] calls =
        [
            () => Store.WriteAsync(Batch(run), token),
            async () => await Store.TryCreateOnceAsync(run, token),
            async () => await Store.TryClaimAsync(run.Id, 0, Guid.Empty, A.Instant, token),
            async () => await Store.ClaimDueAsync(Guid.Empty, ["F"], Now, 1, token),
            async () => await Store.TryReplaceAsync(run with { Fence = 1 }, 0, [], token),
            async () => await Store.GetNextWakeAsync(["F"], token),
            async () => await Store.StartAsync([new RunStart { Run = A.Parked(Now) }], token),
            () => Store.PutFlowsAsync([Samples.FullFlow], token),
            async () => await Store.GetFlowsAsync(token),
            async () => await Store.GetFlowAsync("F", token),
            async () => await Store.GetRunsOfHostAsync(Guid.Empty, default, 1, token),
            async () => await Store.SendAsync(A.Message(run.Id), token),
            async () => await Store.GetMessagesAsync(0, 1, token),
            async () => await Store.GetUntakenAsync(run.Id, token),
            async () => await Store.GetLastMessageAsync(token),
            async () => await Store.GetQuestionsAsync(null, false, 1, token),
            async () => await Store.SetPausedAsync("F", new PausedFlow("F", Now, "ada", null), token),
            async () => await Store.GetPausedAsync(token),
            async () => await Store.GetLivingHostsAsync(token),
            async () => await Store.GetOwnersAsync(token),
            async () => await Store.GetFlowRunAsync(run.Id, token),
            async () => await Store.GetFlowRunsAsync(new FlowRunQuery(), token),
            async () => await Store.FindUnfinishedAsync("F", hash, Guid.Empty, 1, token),
            async () => await Store.FindOnceAsync("F", "k", token),
            async () => await Store.FindLastSuccessAsync("F", "S", run.Id, token),
            async () => await Store.FindCachedAsync("S", hash, token),
            async () => await Store.ReadValueAsync(A.Value("1"), token),
            async () => await Store.GetLedgerAsync(run.Id, token),
            async () => await Store.GetLogsAsync(run.Id, null, 1, token),
            async () => await Store.GetArtifactsAsync(run.Id, token),
            () => Store.PutHostAsync(A.Host(), token),
            async () => await Store.GetHostAsync(Guid.Empty, token),
        ];
        foreach (var call in calls)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call());

        Assert.Empty(await Store.GetFlowRunsAsync(new FlowRunQuery(), Cancellation));
        Assert.Empty(await Store.GetPausedAsync(Cancellation));
        Assert.Empty(await Store.GetLivingHostsAsync(Cancellation));
    }

    [Fact]
    public async Task Reading_step_runs_stops_when_cancelled()
    {
        var run = A.RunId();
        await WriteAsync([.. Enumerable.Range(1, 10).Select(i => A.StepRun(run, i))]);
        using var source = new CancellationTokenSource();
        var seen = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var stepRun in Store.GetStepRunsAsync(run, source.Token))
            {
                seen = stepRun.Sequence;
                await source.CancelAsync();
            }
        });

        Assert.Equal(1, seen);
    }
}
