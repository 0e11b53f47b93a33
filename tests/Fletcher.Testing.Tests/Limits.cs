namespace Fletcher.Testing.Tests;

/// <summary>Bounds every wait of a test in real time, so that a hang is a failure.</summary>
internal static class Limits
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    internal static Task WithinLimit(this Task task) => task.WaitAsync(Longest, TestContext.Current.CancellationToken);

    internal static Task<T> WithinLimit<T>(this Task<T> task) => task.WaitAsync(Longest, TestContext.Current.CancellationToken);
}
