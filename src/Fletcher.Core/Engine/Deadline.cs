namespace Fletcher.Engine;

/// <summary>Runs code under a time limit that holds even if the code ignores its token.</summary>
internal static class Deadline
{
    // Code that heeds its token needs a moment to come back; it is real time because the code runs in real time.
    internal static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    // A timer of .NET can wait no longer than 49 days. No attempt does either: its process ends before, and the next one counts on.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    /// <summary>Runs the body, and throws at the limit.</summary>
    /// <param name="body">The code; it runs on the thread pool, so that it can be left behind even if it blocks.</param>
    /// <param name="limit">How long it may take; when that is nothing it runs with a token that is cancelled.</param>
    /// <param name="message">What to say when it takes longer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="leaked">Told of the body's task when it goes on after the limit.</param>
    /// <param name="grace">How long the body may take to stop at the limit, in real time; usually <see cref="Grace"/>.</param>
    /// <param name="cancellationToken">Cancels the body.</param>
    /// <param name="dropped">Cancelled when the run is left; then this lets go of its timer and never returns.</param>
    /// <exception cref="StepTimeoutException">The limit was reached.</exception>
    internal static async ValueTask RunAsync(
        Func<CancellationToken, ValueTask> body, TimeSpan limit, Func<string> message, TimeProvider time,
        Action<Task> leaked, TimeSpan grace, CancellationToken cancellationToken, CancellationToken dropped = default)
    {
        var expired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = new CancellationTokenSource(limit > TimeSpan.Zero && limit < Longest ? limit : Timeout.InfiniteTimeSpan, time);
        if (limit <= TimeSpan.Zero)
            await timer.CancelAsync().ConfigureAwait(false);
        using var registration = timer.Token.Register(() => expired.TrySetResult());
        using var letGo = dropped.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), expired);

        // Not disposed when the body is left behind: it may still use the token.
        var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        var work = Task.Run(() => body(linked.Token).AsTask(), CancellationToken.None);
        await Task.WhenAny(work, expired.Task).ConfigureAwait(false);

        if (dropped.IsCancellationRequested)
        {
            await letGo.DisposeAsync().ConfigureAwait(false);
            await registration.DisposeAsync().ConfigureAwait(false);
            timer.Dispose();
            await FlowExecution.Forever().ConfigureAwait(false);
        }

        if (!work.IsCompleted)
            await Task.WhenAny(work, Task.Delay(grace, TimeProvider.System, CancellationToken.None)).ConfigureAwait(false);
        if (!work.IsCompleted)
        {
            leaked(work);
            throw new StepTimeoutException(message() + " Its code did not heed the cancellation token and still runs.");
        }

        try
        {
            await work.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new StepTimeoutException(message());
        }
        finally
        {
            linked.Dispose();
        }
    }
}
