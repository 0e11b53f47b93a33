using System.Collections.Concurrent;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Conformance;

/// <summary>Two stores on the same runs, as two processes have them, that want the same at the same time.</summary>
public abstract partial class RunStoreConformance
{
    private const int Racers = 8;

    [Fact]
    public async Task Of_many_that_claim_what_is_due_each_gets_others()
    {
        var runs = Enumerable.Range(0, 200).Select(i => A.Parked(Now.AddSeconds(-i))).ToArray();
        await WriteAsync(runs);
        var claimed = new ConcurrentBag<(RunId Run, Guid Host)>();

        await RaceAsync(async (store, _) =>
        {
            var host = Guid.CreateVersion7();
            while (await store.ClaimDueAsync(host, ["F"], Now, 7, Cancellation) is { Count: > 0 } some)
            {
                foreach (var one in some)
                    claimed.Add((one.Run.Id, host));
            }
        });

        Assert.Equal(runs.Select(run => run.Id).Order(), claimed.Select(one => one.Run).Order());
        foreach (var (run, host) in claimed)
            Assert.Equal((host, 1L), ((await RunAsync(run)).HostId, (await RunAsync(run)).Fence));
    }

    [Fact]
    public async Task Of_many_that_replace_and_claim_the_same_run_exactly_one_does()
    {
        for (var round = 0; round < 20; round++)
        {
            var run = A.Parked(Now.AddDays(1));
            var sub = A.SubFlow(run, FlowRunState.Waiting);
            await WriteAsync(run, sub);
            var winners = new ConcurrentBag<string>();

            await RaceAsync(async (store, racer) =>
            {
                var name = $"racer {racer}";
                if (racer % 3 == 0)
                {
                    if (await store.TryClaimAsync(run.Id, 0, Guid.CreateVersion7(), Now, Cancellation) is not null)
                        winners.Add(name);
                }
                else if (await store.TryReplaceAsync(
                    run with { Fence = 1, State = FlowRunState.Failed, Reason = name }, 0, [A.Ledger(run.Id, name)], Cancellation))
                {
                    winners.Add(name);
                }
            });

            var winner = Assert.Single(winners);
            var after = await RunAsync(run.Id);
            Assert.Equal(1, after.Fence);
            var wasReplaced = after.State == FlowRunState.Failed;
            Assert.Equal(wasReplaced ? winner : null, after.Reason);
            Assert.Equal(wasReplaced ? [winner] : [], (await Store.GetLedgerAsync(run.Id, Cancellation)).Select(entry => entry.Reason));
            Assert.Equal(wasReplaced ? winner : null, (await RunAsync(sub.Id)).Reason);
        }
    }

    [Fact]
    public async Task Of_many_messages_with_the_same_key_exactly_one_is_kept()
    {
        var run = A.Parked();
        await WriteAsync(run);

        for (var round = 1; round <= 20; round++)
        {
            var numbers = new ConcurrentBag<long>();
            await RaceAsync(async (store, _) =>
                numbers.Add((await store.SendAsync(A.Message(run.Id, key: $"{round}"), Cancellation))!.Number));

            Assert.Single(numbers.Distinct());
            Assert.Equal(round, (await Store.GetUntakenAsync(run.Id, Cancellation)).Count);
        }
    }

    [Fact]
    public async Task A_reader_of_messages_misses_none_while_they_are_sent()
    {
        var runs = Enumerable.Range(0, Racers).Select(_ => A.FlowRun()).ToArray();
        await WriteAsync(runs);
        var sent = new ConcurrentBag<long>();
        var read = new List<long>();
        using var done = new CancellationTokenSource();

        async Task ReadAll()
        {
            var isLast = false;
            while (!isLast)
            {
                isLast = done.IsCancellationRequested;
                while (await Store.GetMessagesAsync(read.Count == 0 ? 0 : read[^1], 5, Cancellation) is { Count: > 0 } page)
                    read.AddRange(page.Select(message => message.Number));
            }
        }

        var reader = Task.Run(ReadAll, Cancellation);
        await RaceAsync(async (store, racer) =>
        {
            for (var i = 0; i < 30; i++)
                sent.Add((await store.SendAsync(A.Message(runs[racer].Id), Cancellation))!.Number);
        });
        await done.CancelAsync();
        await WithinLimit(reader);

        Assert.Equal(sent.Order(), read);
    }

    [Fact]
    public async Task A_message_that_is_sent_while_its_run_begins_to_wait_wakes_it()
    {
        for (var round = 0; round < 50; round++)
        {
            var run = A.FlowRun("F") with { HostId = Guid.CreateVersion7() };
            await WriteAsync(run);

            await RaceAsync(async (store, racer) =>
            {
                if (racer == 0)
                    await store.WriteAsync(Batch(run with { State = FlowRunState.Waiting, HostId = null }), Cancellation);
                else if (racer == 1)
                    Assert.NotNull(await store.SendAsync(A.Message(run.Id), Cancellation));
            });

            Assert.Equal(Now, (await RunAsync(run.Id)).WakeAt);
        }
    }

    [Fact]
    public async Task Who_lost_a_run_writes_nothing_after_its_successor_has_it()
    {
        for (var round = 0; round < 20; round++)
        {
            var run = A.FlowRun() with { HostId = Guid.CreateVersion7() };
            await WriteAsync(run);
            var writtenBefore = 0;
            var lost = false;

            await RaceAsync(async (store, racer) =>
            {
                if (racer == 0)
                {
                    await store.TryClaimAsync(run.Id, 0, Guid.CreateVersion7(), Now, Cancellation);
                    writtenBefore = (await store.GetStepRunsAsync(run.Id, Cancellation).ToListAsync(Cancellation)).Count;
                }
                else if (racer == 1)
                {
                    for (var sequence = 1; !lost && sequence <= 200; sequence++)
                    {
                        var batch = Batch(A.StepRun(run.Id, sequence));
                        batch.Leases[run.Id] = new RunLease(run.Id, 0);
                        try
                        {
                            await store.WriteAsync(batch, Cancellation);
                        }
                        catch (LeasesLostException)
                        {
                            lost = true;
                        }
                    }
                }
            });

            Assert.Equal(writtenBefore, (await StepRunsAsync(run.Id)).Count);
        }
    }

    /// <summary>Does the same in several tasks at once, half of them through a second store.</summary>
    private async Task RaceAsync(Func<IRunStore, int, Task> body)
    {
        var second = CreateSecondStore();
        try
        {
            await second.OpenAsync(Cancellation);
            using var start = new Barrier(Racers);
            await WithinLimit(Task.WhenAll(Enumerable.Range(0, Racers).Select(racer => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait(Limit, Cancellation);
                    return body(racer % 2 == 0 ? Store : second, racer);
                },
                Cancellation,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).Unwrap())));
        }
        finally
        {
            if (second != Store)
                await second.DisposeAsync();
        }
    }
}
