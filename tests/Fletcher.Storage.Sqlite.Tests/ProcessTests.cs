using System.Globalization;
using Fletcher.Conformance;
using Fletcher.Model;
using Fletcher.Storage.Sqlite.TestProcess;

namespace Fletcher.Storage.Sqlite.Tests;

public sealed class ProcessTests : SqliteTest
{
    [Fact]
    public async Task Several_processes_may_create_and_write_one_store_at_once()
    {
        using var first = OtherProcess.Start("write", Database, "100");
        using var second = OtherProcess.Start("write", Database, "100");
        using var third = OtherProcess.Start("write", Database, "100");

        var output = await Task.WhenAll(first.EndAsync(Cancellation), second.EndAsync(Cancellation), third.EndAsync(Cancellation));

        Assert.All(output, lines => Assert.Equal(100, lines.Length));
        await using var store = await OpenAsync();
        var runs = await store.GetFlowRunsAsync(new FlowRunQuery { Flow = Batches.Flow }, Cancellation);
        Assert.Equal(3, runs.Count);
        foreach (var run in runs)
            await AssertWholeAsync(store, run, 100);
    }

    [Fact]
    public async Task Of_several_processes_each_run_is_claimed_by_one()
    {
        var runs = Enumerable.Range(0, 200).Select(_ => A.FlowRun(state: FlowRunState.Queued)).ToArray();
        await using (var store = await OpenAsync())
            await WriteAsync(store, runs);
        using var first = OtherProcess.Start("claim", Database);
        using var second = OtherProcess.Start("claim", Database);

        var output = await Task.WhenAll(first.EndAsync(Cancellation), second.EndAsync(Cancellation));

        Assert.Equal(runs.Select(r => r.Id.ToString()).Order(), output.SelectMany(lines => lines).Order());
    }

    [Fact]
    public async Task Of_several_processes_each_due_run_is_claimed_by_one()
    {
        var runs = Enumerable.Range(0, 400).Select(_ => A.Parked(A.Instant)).ToArray();
        await using (var store = await OpenAsync())
            await WriteAsync(store, runs);
        using var first = OtherProcess.Start("due", Database);
        using var second = OtherProcess.Start("due", Database);
        using var third = OtherProcess.Start("due", Database);

        var output = await Task.WhenAll(first.EndAsync(Cancellation), second.EndAsync(Cancellation), third.EndAsync(Cancellation));

        Assert.Equal(runs.Select(r => r.Id.ToString()).Order(), output.SelectMany(lines => lines).Order());
    }

    [Fact]
    public async Task After_kill_9_every_message_that_was_acknowledged_is_there_and_its_run_is_due()
    {
        await using var store = await OpenAsync();
        for (var round = 0; round < 5; round++)
        {
            var run = A.Parked();
            await WriteAsync(store, run);
            using var process = OtherProcess.Start("send", Database, run.Id.ToString());
            var lines = new List<string>();
            for (var i = 0; i < 5 * (round + 1); i++)
                lines.Add((await process.ReadLineAsync(Cancellation))!);

            lines.AddRange(await process.KillAsync(Cancellation));

            var kept = await store.GetUntakenAsync(run.Id, Cancellation);
            Assert.Equal(Enumerable.Range(0, kept.Count).Select(i => $"{i}"), kept.Select(message => message.Name));
            // The last line may be cut off; the last message may have been committed and not said any more.
            var said = lines.SkipLast(1).Select(line => long.Parse(line, CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(said, kept.Select(message => message.Number).Take(said.Length));
            Assert.NotNull((await store.GetFlowRunAsync(run.Id, Cancellation))!.WakeAt);
        }
    }

    [Fact]
    public async Task Of_several_processes_each_Once_key_is_created_by_one()
    {
        using var first = OtherProcess.Start("once", Database, "100");
        using var second = OtherProcess.Start("once", Database, "100");

        var output = await Task.WhenAll(first.EndAsync(Cancellation), second.EndAsync(Cancellation));

        Assert.Equal(
            Enumerable.Range(0, 100), output.SelectMany(lines => lines).Select(l => int.Parse(l, CultureInfo.InvariantCulture)).Order());
    }

    [Fact]
    public async Task After_kill_9_at_any_moment_the_store_has_whole_batches_and_all_that_were_acknowledged()
    {
        var random = new Random(20261001);
        for (var round = 0; round < 12; round++)
        {
            using var process = OtherProcess.Start("write", Database, "1000000");
            var lines = new List<string>();
            for (var reads = random.Next(0, 60); reads > 0; reads--)
                lines.Add((await process.ReadLineAsync(Cancellation))!);
            lines.AddRange(await process.KillAsync(Cancellation));

            await using var store = await OpenAsync();
            Assert.Equal("ok", Query(Database, "PRAGMA integrity_check"));
            foreach (var run in await store.GetFlowRunsAsync(new FlowRunQuery { Flow = Batches.Flow }, Cancellation))
            {
                // The last line may be cut off by the kill, but the one before it is whole.
                var acknowledged = lines.Where(line => line.StartsWith($"{run.Id} ", StringComparison.Ordinal)).SkipLast(1).Count();
                Assert.True(run.Attempt >= acknowledged, $"{run.Attempt} batches stored, {acknowledged} acknowledged");
                await AssertWholeAsync(store, run, run.Attempt);
            }
        }
    }

    private static async Task AssertWholeAsync(SqliteStore store, FlowRunRecord run, int batches)
    {
        Assert.Equal(batches, run.Attempt);
        var stepRuns = await StepRunsAsync(store, run.Id);
        Assert.Equal(Enumerable.Range(1, batches * Batches.Size), stepRuns.Select(s => s.Sequence));
        foreach (var large in stepRuns.Where(s => s.Result!.Content is null))
            Assert.Equal(Batches.LargeValueBytes, (await store.ReadValueAsync(large.Result!, Cancellation)).Length);
    }
}
