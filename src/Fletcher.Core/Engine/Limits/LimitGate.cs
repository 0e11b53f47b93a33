using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>
/// The one way by which a host's runs come by places under limits. What many ask for and give back while the store is busy goes to it in one transaction.
/// </summary>
/// <remarks>
/// <para>Who waits is told: by the store's ids when something in this process grants it a place (<see cref="ILimitStore.Granted"/>), and by a hint when another process may have done so
/// (<see cref="ILimitStore.Listen"/>), which is followed by a look. Nothing looks without being told, but for a look now and then where hints can be lost. Who has waited
/// longest here watches the time for all: when a lane is due, it has the store settle it.</para>
/// <para>A waiter is known here, and looked for, before the store is asked: the store may tell of a grant before its answer comes. Attacked by LimitGateTests.</para>
/// </remarks>
internal sealed partial class LimitGate : IDisposable
{
    private static readonly TimeSpan RetryAfterError = TimeSpan.FromSeconds(1);

    /// <summary>Two looks at the same moment to come differ by the time between the two clocks' readings.</summary>
    private static readonly TimeSpan SameTime = TimeSpan.FromMilliseconds(1);

    /// <summary>For how long what was read of a lane is told to others who wait in it.</summary>
    private static readonly TimeSpan ReasonFor = TimeSpan.FromMilliseconds(100);

    private const int MostReasons = 1000;

    private readonly FletcherHost _host;
    private readonly ILimitStore _store;
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, LinkedListNode<LimitWaiter>> _waiting = [];
    private readonly LinkedList<LimitWaiter> _line = [];
    private List<LimitLeave> _leaving = [];
    private List<LimitWaiter> _entering = [];
    private List<TaskCompletionSource> _due = [];
    private DateTimeOffset? _dueAt;
    private readonly Dictionary<(string, string), (long At, Task<string> Reason)> _reasons = [];
    private bool _isBusy;
    private bool _isOver;

    internal LimitGate(FletcherHost host, ILimitStore store)
    {
        _host = host;
        _store = store;
        store.Granted += OnGranted;
        if (!store.IsShared)
        {
            _listening = store.Listen(Hear);
            return;
        }

        // A clock that skips waits is not to take this for one: it would go on second by second.
        var time = host.Time is IWaitClock ? TimeProvider.System : host.Time;
        _clock = time.CreateTimer(static gate => ((LimitGate)gate!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends it with its host: what still waits is left to itself.</summary>
    public void Dispose()
    {
        _store.Granted -= OnGranted;
        _clock?.Dispose();
        IDisposable? listening;
        lock (_gate)
        {
            _isOver = true;
            _waiting.Clear();
            _line.Clear();
            listening = _listening;
        }

        listening?.Dispose();
    }

    /// <summary>Asks for a place.</summary>
    internal LimitWaiter Enter(LimitPlace place)
    {
        var waiter = new LimitWaiter(place);
        lock (_gate)
        {
            _waiting[place.Id] = _line.AddLast(waiter);
            _entering.Add(waiter);
            Begin();
        }

        return waiter;
    }

    /// <summary>Gives a place back, or leaves the line. Done soon; nobody need wait for it.</summary>
    internal void Leave(LimitLeave leave)
    {
        lock (_gate)
        {
            Forget(leave.Place);
            _leaving.Add(leave);
            Begin();
        }
    }

    /// <summary>Waits until the place is granted, or is not to be had.</summary>
    /// <param name="waiter">Who waits.</param>
    /// <param name="cancellationToken">Ends the wait; whoever waited leaves the line then.</param>
    internal async Task<LimitPlaceState> WaitAsync(LimitWaiter waiter, CancellationToken cancellationToken)
    {
        while (!waiter.Settled.IsCompleted)
        {
            var turn = waiter.Turn;
            if (Watch(waiter) is not { } due)
            {
                await Wait.ForAsync(Task.WhenAny(waiter.Settled, turn), _host.Time, cancellationToken).ConfigureAwait(false);
                continue;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(waiter.Settled, turn, Wait.UntilAsync(due, _host.Time, either.Token)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            await either.CancelAsync().ConfigureAwait(false);
            if (_host.Now >= due)
                await SettleDueAsync().ConfigureAwait(false);
        }

        return await waiter.Settled.ConfigureAwait(false);
    }

    /// <summary>Why the waiter waits, for people: how its lane stands, as it was read some moments ago at the most; of thousands who come at once each does not read for itself.</summary>
    internal async ValueTask<string> DescribeAsync(LimitWaiter waiter)
    {
        var place = waiter.Place;
        Task<string> reason;
        lock (_gate)
        {
            if (_reasons.TryGetValue((place.Limit, place.Key), out var known) && TimeProvider.System.GetElapsedTime(known.At) < ReasonFor)
            {
                reason = known.Reason;
            }
            else
            {
                if (_reasons.Count >= MostReasons)
                    _reasons.Clear();
                reason = LimitReason.ReadAsync(_store, place);
                _reasons[(place.Limit, place.Key)] = (TimeProvider.System.GetTimestamp(), reason);
            }
        }

        try
        {
            return LimitReason.With(await reason.ConfigureAwait(false), waiter.Before);
        }
        catch (StoreUnavailableException)
        {
            return $"waits for limit '{place.Limit}'"; // it waits well without words
        }
    }

    /// <summary>When this waiter has to have the store settle what is due; null when that is not known, or another one does it.</summary>
    private DateTimeOffset? Watch(LimitWaiter waiter)
    {
        lock (_gate)
            return _line.First?.Value == waiter ? _dueAt : null;
    }

    private Task SettleDueAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _due.Add(done);
            Begin();
        }

        return done.Task;
    }

    private void OnGranted(IReadOnlyList<Guid> granted)
    {
        lock (_gate)
        {
            foreach (var id in granted)
                Settle(id, LimitPlaceState.Granted);
        }
    }

    private bool Settle(Guid id, LimitPlaceState state)
    {
        if (!_waiting.TryGetValue(id, out var node))
            return false;
        Forget(id);
        node.Value.Settle(state);
        return true;
    }

    private void Forget(Guid id)
    {
        if (!_waiting.Remove(id, out var node))
            return;
        var watched = node.Previous is null;
        _line.Remove(node);
        if (watched)
            _line.First?.Value.CallUp();
    }

    private void Note(TimeSpan? dueIn)
    {
        // The store's clock and the host's may differ: only how long it takes is common to both.
        var dueAt = dueIn is { } length ? Wait.After(_host.Now, length) : (DateTimeOffset?)null;
        if (dueAt == _dueAt || (dueAt - _dueAt)?.Duration() < SameTime)
            return;
        _dueAt = dueAt;
        _line.First?.Value.CallUp();
    }

    /// <summary>Begins to go to the store, if nobody does. Called under the lock.</summary>
    private void Begin()
    {
        if (!_isBusy)
        {
            _isBusy = true;
            ThreadPool.UnsafeQueueUserWorkItem(static gate => _ = gate.ExchangeAsync(), this, preferLocal: false);
        }

        BeginTicking();
    }

    private async Task ExchangeAsync()
    {
        while (true)
        {
            List<LimitLeave> leaving;
            List<LimitWaiter> entering;
            List<TaskCompletionSource> due;
            lock (_gate)
            {
                if (_leaving.Count == 0 && _entering.Count == 0 && _due.Count == 0)
                {
                    _isBusy = false;
                    return;
                }

                (leaving, _leaving) = (_leaving, []);
                (entering, _entering) = (_entering, []);
                (due, _due) = (_due, []);
            }

            try
            {
                var exchange = await _store.ExchangeAsync(leaving, [.. entering.Select(static waiter => waiter.Place)], CancellationToken.None)
                    .ConfigureAwait(false);
                if (Answer(entering, exchange))
                    Listen();
            }
            catch (Exception e)
            {
                await FailAsync(leaving, entering, e).ConfigureAwait(false);
            }

            foreach (var done in due)
                done.SetResult();
        }
    }

    /// <summary>Says where they stand; true when one of them waits.</summary>
    private bool Answer(List<LimitWaiter> entering, LimitExchange exchange)
    {
        lock (_gate)
        {
            for (var i = 0; i < entering.Count; i++)
            {
                if (exchange.Entered[i].State != LimitPlaceState.Waiting)
                    Forget(entering[i].Place.Id);
                entering[i].Answer(exchange.Entered[i]);
            }

            Note(exchange.DueIn);
            return exchange.Entered.Any(static standing => standing.State == LimitPlaceState.Waiting);
        }
    }

    /// <summary>The store was not there. It may have done what was asked all the same: so what could not be asked for is given back, again and again until the store takes that.</summary>
    private async Task FailAsync(List<LimitLeave> leaving, List<LimitWaiter> entering, Exception error)
    {
        lock (_gate)
        {
            foreach (var waiter in entering)
            {
                Forget(waiter.Place.Id);
                waiter.Fail(error);
            }

            _leaving.InsertRange(0, leaving.Concat(entering.Select(static waiter => new LimitLeave(waiter.Place.Id))));
            if (_dueAt is not null)
                Note(RetryAfterError);
        }

        // Who asks meanwhile waits for that second too. A host that is over gives up: its places went with its leases.
        await Task.Delay(RetryAfterError, TimeProvider.System).ConfigureAwait(false);
        lock (_gate)
        {
            if (_isOver)
                _leaving.Clear();
        }
    }
}
