using Microsoft.Extensions.Time.Testing;

namespace Fletcher.Engine.Tests;

/// <summary>A clock that stands still, and knows which waits were begun on it: a test arms a wait before it moves the clock.</summary>
internal sealed class TestClock : FakeTimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _armed = [];
    private readonly List<(TimeSpan Due, TaskCompletionSource Source)> _waiting = [];

    private Action? _beat;

    internal TestClock()
        : base(new DateTimeOffset(2026, 10, 1, 12, 0, 0, TimeSpan.Zero))
    {
    }

    internal DateTimeOffset Now => GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // The host's pulse would beat four times for each second that passes; a test that wants a beat asks for it.
        if (period > TimeSpan.Zero)
        {
            _beat = () => callback(state);
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        var timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_gate)
        {
            var waiting = _waiting.FindIndex(w => w.Due == dueTime);
            if (waiting < 0)
            {
                _armed.Add(dueTime);
            }
            else
            {
                _waiting[waiting].Source.SetResult();
                _waiting.RemoveAt(waiting);
            }
        }

        return timer;
    }

    /// <summary>Waits until somebody waits for exactly so long.</summary>
    internal Task Armed(TimeSpan due)
    {
        lock (_gate)
        {
            if (_armed.Remove(due))
                return Task.CompletedTask;
            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((due, source));
            return source.Task.WithinLimit($"a wait of {due}");
        }
    }

    /// <summary>Lets the host's pulse beat once.</summary>
    internal void Beat() => _beat!();

    /// <summary>Waits until somebody waits for exactly so long, and lets that time pass.</summary>
    internal async Task Pass(TimeSpan due)
    {
        await Armed(due);
        Advance(due);
    }
}
