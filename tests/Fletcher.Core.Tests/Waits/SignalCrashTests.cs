using Fletcher.Hosting;
using Fletcher.Model;

namespace Fletcher.Engine.Tests.Waits;

/// <summary>A process that dies at any of its writes loses no signal, and gives none out twice.</summary>
public sealed class SignalCrashTests
{
    private const int Signals = 4;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_signal_is_taken_once_wherever_the_process_dies(bool sentBefore)
    {
        var hasDied = true;
        for (var write = 0; hasDied; write++)
        {
            Assert.True(write < 100, "The flow never came to its end.");
            hasDied = await DieAtAsync(write, sentBefore);
        }
    }

    /// <returns>Whether the process came to that write.</returns>
    private static async Task<bool> DieAtAsync(int write, bool sentBefore)
    {
        Work.Hold(sentBefore);
        var dead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var store = new SurvivingStore();
        store.BeforeWrite = (store, _) =>
        {
            if (store.WriteCount != write)
                return;
            store.Kill();
            dead.TrySetResult();
        };
        var outside = store.Reopen();
        var first = new TestHost(store, configure: options => options.ParkAfter = TimeSpan.Zero);
        var lost = first.Host.RunAsync(() => Work.Collects());
        var sending = SendAsync(outside, dead.Task);
        await Task.WhenAny(lost, dead.Task).WithinLimit();
        if (!dead.Task.IsCompleted)
        {
            await sending.WithinLimit();
            Assert.True(Enumerable.Range(0, Signals).SequenceEqual(await lost));
            await first.DisposeAsync();
            return false;
        }

        await sending.WithinLimit();
        await using var second = new TestHost(store.Reopen());
        Work.Release();
        var again = second.Run(() => Work.Collects());
        await SendAsync(outside, Task.CompletedTask, again); // nobody knows which of them the store has: the keys do
        var got = await again;
        Assert.True(Enumerable.Range(0, Signals).SequenceEqual(got), $"after a death at write {write}: {string.Join(", ", got)}");
        var ended = (await second.Runs())[0];
        Assert.Empty(await outside.GetUntakenAsync(ended.Id, Cancellation));
        await store.End(first, lost);
        return true;
    }

    private static async Task SendAsync(SurvivingStore store, Task dead, Task? until = null)
    {
        var client = new FletcherClient(store, "ada");
        RunId? run = null;
        while (run is null)
        {
            run = (await store.GetFlowRunsAsync(new(), Cancellation)) is [var found, ..] ? found.Id : null;
            if (run is null && dead.IsCompleted && until is null)
                return;
            await Task.Yield();
        }

        for (var i = 0; i < Signals; i++)
        {
            try
            {
                await client.SignalAsync(run.Value, "s", i, $"key {i}", Cancellation);
            }
            catch (FletcherUsageException e) when (e.Id == "FLT1503")
            {
                // It has all of them already.
                return;
            }
        }

        Work.Release();
    }

    internal static class Work
    {
        private static TaskCompletionSource _gate = new();

        internal static void Hold(bool isHeld)
        {
            _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!isHeld)
                _gate.SetResult();
        }

        internal static void Release() => _gate.TrySetResult();

        [Flow]
        internal static async Task<int[]> Collects()
        {
            await _gate.Task;
            var values = new List<int>();
            for (var i = 0; i < Signals; i++)
            {
                values.Add(await Flow.WaitFor<int>("s"));
                await Keep(values[^1]);
            }

            return [.. values];
        }

        [Step]
        internal static async Task Keep(int value) => await Task.Yield();
    }
}
