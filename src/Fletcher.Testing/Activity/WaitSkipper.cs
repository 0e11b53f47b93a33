namespace Fletcher.Testing;

/// <summary>
/// Moves the clock to the next timer of a process while all that runs in it waits. It never moves while a step's code runs, so
/// a time limit never passes because of it while the step works.
/// </summary>
internal sealed class WaitSkipper(Activity activity, ProcessTime time, FlowTestTime clock)
{
    // A time limit that has passed above a wait takes a moment of real time to be noticed by code that does not heed its token.
    private static readonly TimeSpan LimitPassed = TimeSpan.FromMilliseconds(250);

    private int _isWatching;

    /// <summary>Looks whether the clock may move. Called after each change.</summary>
    internal void Look()
    {
        if (CanSkip && Interlocked.Exchange(ref _isWatching, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static skipper => _ = skipper.WatchAsync(), this, preferLocal: false);
    }

    private bool CanSkip => clock.SkipsWaits && !time.IsStopped && activity.OnlyWaits(clock.GetUtcNow()) && time.NextTimer is not null;

    private async Task WatchAsync()
    {
        while (CanSkip)
        {
            var changes = activity.Changes;
            await activity.SettleAsync().ConfigureAwait(false);

            // What a host records it commits within milliseconds. So it has done so when minutes or years have passed.
            await time.CommitAsync().ConfigureAwait(false);
            if (changes == activity.Changes && CanSkip && time.NextTimer is { } next)
                await SkipToAsync(next).ConfigureAwait(false);
        }

        Volatile.Write(ref _isWatching, 0);
        Look();
    }

    private async Task SkipToAsync(DateTimeOffset next)
    {
        var changes = activity.Changes;
        var left = next - clock.GetUtcNow();
        clock.Advance(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        time.Passed(next);
        if (activity.HasDue(next))
            return;

        // No wait is over, so it was a limit around one.
        var until = TimeProvider.System.GetTimestamp();
        while (changes == activity.Changes && TimeProvider.System.GetElapsedTime(until) < LimitPassed)
            await Settling.WaitAsync().ConfigureAwait(false);
    }
}
