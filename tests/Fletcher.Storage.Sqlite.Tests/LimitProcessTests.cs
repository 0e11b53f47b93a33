using Fletcher.Model;
using Fletcher.Storage.Sqlite.TestProcess;

namespace Fletcher.Storage.Sqlite.Tests;

/// <summary>Processes that share a limit, and one that is killed under it.</summary>
public sealed class LimitProcessTests : SqliteTest
{
    [Fact]
    public async Task Never_more_have_started_than_there_are_slots_and_a_kill_9_keeps_nobody_from_starting()
    {
        const int slots = 2;
        const int turns = 60;
        await using var store = await OpenAsync();
        await store.Limits.DeclareAsync(new Dictionary<string, LimitSettings> { [LimitTurns.Limit] = new() { Slots = slots } }, Cancellation);
        string[] arguments = ["limit", Database, Path.GetDirectoryName(Database)!, $"{slots}"];
        using var first = OtherProcess.Start([.. arguments, $"{turns}"]);
        using var second = OtherProcess.Start([.. arguments, $"{turns}"]);
        using var third = OtherProcess.Start([.. arguments, $"{turns}"]);
        for (var round = 0; round < 4; round++)
        {
            using var process = OtherProcess.Start([.. arguments, "1000000"]);
            var run = RunId.Parse((await process.ReadLineAsync(Cancellation))!, null);
            for (var i = 0; i < 3 + (2 * round); i++)
                Assert.NotNull(await process.ReadLineAsync(Cancellation));
            await process.KillAsync(Cancellation);

            // What a host does that sees another one die.
            var record = (await store.GetFlowRunAsync(run, Cancellation))!;
            Assert.True(await store.TryReplaceAsync(
                record with { State = FlowRunState.Crashed, HostId = null, Fence = 2 }, record.Version, new WriteBatch(), Cancellation));
            Assert.Empty(await store.Limits.GetPlacesAsync(run, Cancellation));
        }

        var output = await Task.WhenAll(first.EndAsync(Cancellation), second.EndAsync(Cancellation), third.EndAsync(Cancellation));

        Assert.All(output, lines => Assert.Equal(Enumerable.Range(1, turns).Select(turn => $"{turn}"), lines.Skip(1)));
        Assert.Empty(await store.Limits.GetLanesAsync(LimitTurns.Limit, null, null, 9, Cancellation));
    }
}
