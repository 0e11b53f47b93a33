namespace Fletcher.Trouble;

/// <summary>A clock that runs like the machine's and shows another time; somebody may set it. Timers and elapsed time do not care, as with a real one.</summary>
internal sealed class ShiftedClock(TimeSpan offset = default) : TimeProvider
{
    private long _offset = offset.Ticks;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Volatile.Read(ref _offset));

    /// <summary>Completes when somebody waits on this clock for two seconds.</summary>
    internal TaskCompletionSource Armed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.FromSeconds(1) && dueTime <= TimeSpan.FromSeconds(2))
            Armed.TrySetResult();
        return timer;
    }

    internal void Set(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);
}
