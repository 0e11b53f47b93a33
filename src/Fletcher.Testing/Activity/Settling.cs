namespace Fletcher.Testing;

/// <summary>Lets code that is about to run, run.</summary>
internal static class Settling
{
    private const int Hops = 8;

    // Real time: what is waited for is code on the thread pool. The hops make it longer when the pool is behind.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    /// <summary>Returns when the thread pool has come to what was queued before, and some more time has passed if asked for.</summary>
    internal static async Task WaitAsync(bool pauses)
    {
        for (var hop = 0; hop < Hops; hop++)
        {
            var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            ThreadPool.UnsafeQueueUserWorkItem(static done => done.SetResult(), passed, preferLocal: false);
            await passed.Task.ConfigureAwait(false);
        }

        if (pauses)
            await Task.Delay(Pause, TimeProvider.System).ConfigureAwait(false);
    }
}
