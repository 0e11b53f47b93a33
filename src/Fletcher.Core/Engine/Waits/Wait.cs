namespace Fletcher.Engine;

/// <summary>Waits of any length: one timer of .NET can wait for 49 days at the most.</summary>
internal static class Wait
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    internal static async Task UntilAsync(DateTimeOffset due, TimeProvider time, CancellationToken cancellationToken)
    {
        while (due - time.GetUtcNow() is var left && left > TimeSpan.Zero)
            await Task.Delay(left < Longest ? left : Longest, time, cancellationToken).ConfigureAwait(false);
    }
}
