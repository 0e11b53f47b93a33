using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>Looks for what the store's ids did not tell, when there is a hint of it.</summary>
internal sealed partial class LimitGate
{
    /// <summary>How often to look, while anybody waits, for what a hint was lost of.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>So many lanes are asked for at once.</summary>
    private const int LanesAtOnce = 500;

    private readonly ITimer? _clock;
    private IDisposable? _listening;
    private bool _isTicking;
    private bool _isLooking;
    private bool _hasHeard;

    /// <summary>Begins to listen, with the first who waits. Only who goes to the store calls this, so never twice at once.</summary>
    private void Listen()
    {
        if (_listening is not null)
            return;
        var listening = _store.Listen(Hear);
        bool isOver;
        lock (_gate)
        {
            isOver = _isOver;
            _listening = listening;
        }

        if (isOver)
            listening.Dispose();
        Hear(); // what was told before it listened
    }

    /// <summary>Called under the lock, when somebody has come to wait.</summary>
    private void BeginTicking()
    {
        if (_isTicking || _line.Count == 0)
            return;
        _isTicking = true;
        _clock?.Change(LookEvery, LookEvery);
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (IsIdle)
            {
                _isTicking = false;
                _clock!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        Hear();
    }

    /// <summary>The store may have something to tell who waits.</summary>
    private void Hear()
    {
        lock (_gate)
        {
            // Nobody waits: who comes now is answered with what there is now.
            if (IsIdle)
                return;
            _hasHeard = true;
            if (_isLooking)
                return;
            _isLooking = true;
            ThreadPool.UnsafeQueueUserWorkItem(static gate => _ = gate.LookAsync(), this, preferLocal: false);
        }
    }

    /// <summary>Whether nobody need be told anything. The host may stand for a process that is dead: then what waits never goes on. Called under the lock.</summary>
    private bool IsIdle => _line.Count == 0 || _host.Executions.Count == 0;

    private async Task LookAsync()
    {
        while (true)
        {
            LimitWaiter[] first;
            lock (_gate)
            {
                if (!_hasHeard || IsIdle)
                {
                    _isLooking = false;
                    return;
                }

                _hasHeard = false;
                first = FirstOfLanes();
            }

            foreach (var lanes in first.Chunk(LanesAtOnce))
            {
                if (await LookAsync(lanes).ConfigureAwait(false))
                    Hear(); // those behind them may have been granted a place too
            }
        }
    }

    /// <summary>Looks once; true when one of them does not wait any more, and when it could not look: then it is to look again.</summary>
    private async ValueTask<bool> LookAsync(LimitWaiter[] first)
    {
        // One that the store has not been asked for when the look begins is not there, and not gone.
        var answered = first.Where(static waiter => waiter.Answered.IsCompleted).Select(static waiter => waiter.Place.Id).ToHashSet();
        try
        {
            var look = await _store.LookAsync([.. first.Select(static waiter => waiter.Place.Id)], CancellationToken.None).ConfigureAwait(false);
            var isSettled = false;
            lock (_gate)
            {
                foreach (var standing in look.Changed)
                {
                    if (standing.State == LimitPlaceState.Granted || answered.Contains(standing.Place))
                        isSettled |= Settle(standing.Place, standing.State);
                }

                Note(look.DueIn);
            }

            return isSettled;
        }
        catch (Exception)
        {
            // Whoever writes meets the same trouble and tells it. The next look may go well.
            await Task.Delay(RetryAfterError, TimeProvider.System).ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>Of each lane the one who has waited longest here: nobody else of it can have been granted without it. Called under the lock.</summary>
    private LimitWaiter[] FirstOfLanes()
    {
        var lanes = new Dictionary<(string, string), LimitWaiter>();
        foreach (var waiter in _line)
            lanes.TryAdd((waiter.Place.Limit, waiter.Place.Key), waiter);
        return [.. lanes.Values];
    }
}
