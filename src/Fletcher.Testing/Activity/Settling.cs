namespace Fletcher.Testing;

/// <summary>Lets code that is about to run, run.</summary>
internal static class Settling
{
    private const int Hops = 8;

    // The hops take longer when the pool is behind. What lies in the queue of a single thread is taken by others only when they are idle.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    /// <summary>Returns when the thread pool has come to what was queued before.</summary>
    internal static async Task WaitAsync()
    {
        for (var hop = 0; hop < Hops; hop++)
        {
            var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            ThreadPool.UnsafeQueueUserWorkItem(static done => done.SetResult(), passed, preferLocal: false);
            await passed.Task.ConfigureAwait(false);
        }

        await Task.Delay(Pause, TimeProvider.System).ConfigureAwait(false);
    }
}
