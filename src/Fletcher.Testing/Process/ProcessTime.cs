using Fletcher.Engine;

namespace Fletcher.Testing;

/// <summary>The test's clock as one process sees it: when the process dies, its timers are gone, and the clock goes on.</summary>
internal sealed class ProcessTime : TimeProvider, IWaitClock
{
    private const long Never = long.MaxValue;

    private readonly Lock _gate = new();
    private readonly HashSet<ProcessTimer> _timers = [];
    private readonly FlowTestTime _clock;

    internal ProcessTime(FlowTestTime clock)
    {
        _clock = clock;
        Activity = new Activity(() => Skipper?.Look());
        Skipper = new WaitSkipper(Activity, this, clock);
    }

    internal Activity Activity { get; }

    private WaitSkipper Skipper { get; }

    /// <summary>Commits what the process has recorded so far.</summary>
    internal Func<ValueTask> CommitAsync { get; set; } = static () => ValueTask.CompletedTask;

    internal bool IsStopped { get; private set; }

    /// <summary>When the next timer is due; null when none is.</summary>
    internal DateTimeOffset? NextTimer
    {
        get
        {
            lock (_gate)
            {
                var next = _timers.Count == 0 ? Never : _timers.Min(timer => timer.Due);
                return next == Never ? null : new DateTimeOffset(next, TimeSpan.Zero);
            }
        }
    }

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => _clock.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow();

    public override long GetTimestamp() => _clock.GetTimestamp();

    public IDisposable BeginWait(DateTimeOffset due) => Activity.BeginWait(due);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new ProcessTimer(this, callback, state, dueTime, period);

    /// <summary>The clock has come to this time: what was due has fired.</summary>
    internal void Passed(DateTimeOffset now)
    {
        lock (_gate)
        {
            foreach (var timer in _timers.Where(timer => timer.Due <= now.UtcTicks))
                timer.Passed();
        }
    }

    /// <summary>Looks whether the clock may move.</summary>
    internal void Look() => Skipper.Look();

    /// <summary>From now on no timer fires.</summary>
    internal void Stop()
    {
        ProcessTimer[] timers;
        lock (_gate)
        {
            IsStopped = true;
            timers = [.. _timers];
        }

        foreach (var timer in timers)
            timer.Dispose();
    }

    private void Keep(ProcessTimer timer)
    {
        lock (_gate)
        {
            if (!IsStopped)
                _timers.Add(timer);
        }

        Activity.Note();
    }

    private void Drop(ProcessTimer timer)
    {
        lock (_gate)
            _timers.Remove(timer);
        Activity.Note();
    }

    private sealed class ProcessTimer : ITimer
    {
        private readonly ProcessTime _time;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer? _inner;
        private TimeSpan _period;
        private long _due;

        internal ProcessTimer(ProcessTime time, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_time, _callback, _state, _period) = (time, callback, state, period);
            _inner = time._clock.CreateTimer(static timer => ((ProcessTimer)timer!).Fire(), this, dueTime, period);

            // Not before it is armed: the clock may move at any moment, and must not move to a timer that is not there yet. Should it
            // have moved in between, the time is later than the timer's own, and the timer has fired when it comes.
            Volatile.Write(ref _due, DueAt(dueTime));
            time.Keep(this);
        }

        /// <summary>The tick at which it fires next (UTC).</summary>
        internal long Due => Volatile.Read(ref _due);

        /// <summary>The clock has come to its time, so it has fired.</summary>
        internal void Passed() => Volatile.Write(ref _due, Never);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            var changed = _inner!.Change(dueTime, period);
            Volatile.Write(ref _due, DueAt(dueTime));
            _time.Activity.Note();
            return changed;
        }

        public void Dispose()
        {
            _time.Drop(this);
            _inner?.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private long DueAt(TimeSpan dueTime) => dueTime < TimeSpan.Zero ? Never : (_time.GetUtcNow() + dueTime).UtcTicks;

        private void Fire()
        {
            Volatile.Write(ref _due, _period > TimeSpan.Zero ? Due + _period.Ticks : Never);
            if (_time.IsStopped)
                return;
            _callback(_state);
            if (_period > TimeSpan.Zero)
                _time.Activity.Note(); // it is armed again
        }
    }
}
