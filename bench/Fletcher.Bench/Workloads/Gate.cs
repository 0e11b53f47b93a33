namespace Fletcher.Bench.Workloads;

/// <summary>Where a process stops that is to be killed; open in a process that resumes.</summary>
internal sealed class Gate(int expected)
{
    private readonly TaskCompletionSource _allHere = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _here;

    internal static Gate Open { get; } = new(0);

    internal Task AllHere => _allHere.Task;

    internal async Task PassAsync()
    {
        if (expected == 0)
            return;
        if (Interlocked.Increment(ref _here) == expected)
            _allHere.SetResult();
        await Task.Delay(Timeout.Infinite).ConfigureAwait(false);
    }
}
