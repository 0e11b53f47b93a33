using System.Collections.Concurrent;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Runtime;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>
/// The calls in this process that wait for a run which this host has left: it is parked, or another host goes on with it. When the
/// run is due, the call that waits gets it back, unless another host was faster.
/// </summary>
internal sealed class ParkedCalls(FletcherHost host)
{
    // A run that somebody else may have is looked at so often, in milliseconds; more seldom when there are many.
    private const long LookEvery = 1000;
    private const int LooksAtOnce = 200;
    private const int SlackEntries = 1000;
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RingEvery = TimeSpan.FromDays(30);

    private readonly ConcurrentDictionary<RunId, ParkedCall> _calls = new();

    // Those to look at now, by time, and in turn: a beat costs what it finds, however many calls wait. An entry of a call that does not wait any more is
    // skipped when its time comes.
    private readonly ConcurrentQueue<ParkedCall> _woken = new();
    private readonly Lock _gate = new();
    private readonly PriorityQueue<ParkedCall, DateTimeOffset> _byTime = new();
    private readonly Queue<ParkedCall> _inTurn = new();

    internal bool IsEmpty => _calls.IsEmpty;

    internal bool Has(RunId run) => _calls.ContainsKey(run);

    /// <summary>The runs that calls here wait for.</summary>
    internal IEnumerable<(RunId Id, FlowDefinition Flow)> Runs => _calls.Values.Select(call => (call.Run.Id, call.Flow));

    /// <summary>Waits until this host has the run again; null when it has ended, or somebody else goes on with it.</summary>
    internal async Task<ClaimedRun?> ReturnAsync(FlowRunRecord parked, FlowDefinition flow, CancellationToken cancellationToken)
    {
        var call = new ParkedCall(parked, flow);
        _calls[parked.Id] = call;
        lock (_gate)
        {
            Forget();
            if (parked.WakeAt is { } due)
                _byTime.Enqueue(call, due);
            _inTurn.Enqueue(call);
        }

        // The store may know of a message that this host had not read when it parked the run.
        _woken.Enqueue(call);
        host.Loop.Start();

        // A clock that skips waits must know of this one; it is over when the run is looked for after its time.
        var clock = host.Time as IWaitClock;
        using var wait = clock?.BeginWait(parked.WakeAt ?? DateTimeOffset.MaxValue);
        using var alarm = clock is null || parked.WakeAt is null ? null : RingAt(parked.WakeAt.Value);

        // One source decides: a run that was claimed for a call that gives up at the same moment would else be nobody's.
        using var givesUp = cancellationToken.UnsafeRegister(static (call, token) => ((ParkedCall)call!).Source.TrySetCanceled(token), call);
        try
        {
            if (host.IsStopping)
                call.LetGo(); // nobody else would, if the host stopped while the run was being parked
            return await call.Source.Task.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A run that is just being claimed for this call is given back before the call goes on.
            await call.WhenLooked().ConfigureAwait(false);
            throw;
        }
        finally
        {
            _calls.TryRemove(parked.Id, out _);
        }
    }

    /// <summary>Makes the host look at this time, and, as a timer cannot wait for years, now and then before it.</summary>
    private ITimer RingAt(DateTimeOffset due)
    {
        var left = due - host.Now;
        var first = left > TimeSpan.Zero ? TimeSpan.FromTicks(left.Ticks % RingEvery.Ticks) : TimeSpan.Zero;
        return host.Time.CreateTimer(static loop => ((HostLoop)loop!).Poke(), host.Loop, WholeMilliseconds(first), RingEvery);
    }

    private static TimeSpan WholeMilliseconds(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));

    /// <summary>Gives a run that this host has claimed to the call that waits for it; false when none does.</summary>
    internal bool Give(ClaimedRun claimed) => _calls.TryRemove(claimed.Run.Id, out var call) && call.Source.TrySetResult(claimed);

    /// <summary>Somebody changed the run: it is looked at now.</summary>
    internal void Wake(RunId run)
    {
        if (_calls.TryGetValue(run, out var call))
            _woken.Enqueue(call);
    }

    /// <summary>Something was sent to the run: it is looked at now.</summary>
    internal void Wake(RunMessage message)
    {
        if (!_calls.TryGetValue(message.RootRunId, out var call))
            return;
        call.NoteSent(message);
        _woken.Enqueue(call);
    }

    /// <summary>Lets go of every call, as the host stops.</summary>
    internal void Release()
    {
        foreach (var call in _calls.Values)
            call.LetGo();
    }

    /// <summary>Claims what is due; true when there is more of that.</summary>
    internal async ValueTask<bool> BeatAsync()
    {
        var now = host.Now;
        for (var looks = 0; looks < LooksAtOnce; looks++)
        {
            if (TakeNext(now) is not { } call)
                return false;
            await call.LookAsync(() => LookAsync(call, now)).ConfigureAwait(false);
        }

        return true;
    }

    private ParkedCall? TakeNext(DateTimeOffset now)
    {
        while (_woken.TryDequeue(out var woken))
        {
            if (Waits(woken))
                return woken;
        }

        lock (_gate)
        {
            while (_byTime.TryPeek(out var due, out var at) && at <= now)
            {
                _byTime.Dequeue();
                if (!Waits(due))
                    continue;
                _byTime.Enqueue(due, now + TryAgain); // for when it cannot be had now
                return due;
            }

            var ticks = Environment.TickCount64;
            while (_inTurn.TryPeek(out var next) && (next.LookAt <= ticks || !Waits(next)))
            {
                _inTurn.Dequeue();
                if (!Waits(next))
                    continue;
                next.LookAt = ticks + (LookEvery * (1 + (_calls.Count / LooksAtOnce)));
                _inTurn.Enqueue(next);
                return next;
            }
        }

        return null;
    }

    /// <summary>Drops entries of calls that do not wait any more, when they are most of all. Called under the lock.</summary>
    private void Forget()
    {
        var most = SlackEntries + (2 * _calls.Count);
        if (_byTime.Count > most)
        {
            var waiting = _byTime.UnorderedItems.Where(entry => Waits(entry.Element)).ToList();
            _byTime.Clear();
            _byTime.EnqueueRange(waiting);
        }

        if (_inTurn.Count > most)
        {
            var waiting = _inTurn.Where(Waits).ToList();
            _inTurn.Clear();
            foreach (var call in waiting)
                _inTurn.Enqueue(call);
        }
    }

    private bool Waits(ParkedCall call) => _calls.TryGetValue(call.Run.Id, out var now) && now == call;

    private async Task LookAsync(ParkedCall call, DateTimeOffset now)
    {
        var run = await host.Store.GetFlowRunAsync(call.Run.Id, CancellationToken.None).ConfigureAwait(false);
        if (run is null || run.State is FlowRunState.Completed or FlowRunState.Failed or FlowRunState.Cancelled)
        {
            call.Source.TrySetResult(null);
            return;
        }

        if (run.WakeAt is { } due && due != call.Run.WakeAt)
        {
            lock (_gate)
                _byTime.Enqueue(call, due);
        }

        call.Run = run;
        if (run.HostId is not null)
        {
            if (await host.IsLostAsync(run).ConfigureAwait(false))
                call.Source.TrySetResult(null);
            return;
        }

        if (!(run.WakeAt <= now || call.IsSentTo) || (host.IsPaused(run.Flow) && !await IsToStopAsync(run.Id).ConfigureAwait(false)))
            return;
        if (await host.TryTakeAsync(run.Id, () => new(run)).ConfigureAwait(false) is { } given && !call.Source.TrySetResult(given))
            await host.PutBackAsync(given).ConfigureAwait(false);
    }

    /// <summary>Whether the run was asked to stop: that must be done although its flow is paused.</summary>
    private async ValueTask<bool> IsToStopAsync(RunId run)
    {
        var messages = await host.Store.GetUntakenAsync(run, CancellationToken.None).ConfigureAwait(false);
        return messages.Any(message => message.Kind == MessageKind.Cancel && message.RunId == run);
    }

    private sealed class ParkedCall(FlowRunRecord run, FlowDefinition flow)
    {
        internal FlowRunRecord Run { get; set; } = run;

        internal FlowDefinition Flow => flow;

        private long _lastSent;
        private long _lastForFix;

        /// <summary>Whether there is a message for the run that it has not seen. By its number and not by its time: the sender's clock may be ahead.</summary>
        internal bool IsSentTo => (Run.WaitsForFix ? _lastForFix : _lastSent) > Run.LastMessage;

        /// <summary>Told of each message in the order of their numbers.</summary>
        internal void NoteSent(RunMessage message)
        {
            _lastSent = message.Number;
            if (message.Kind.EndsWaitForFix())
                _lastForFix = message.Number;
        }

        /// <summary>When it is its turn to be looked at, whether somebody else has changed the run; in ticks of the process's own clock, which nobody sets.</summary>
        internal long LookAt { get; set; } = Environment.TickCount64 + LookEvery;

        private readonly Lock _gate = new();
        private Task _look = Task.CompletedTask;

        /// <summary>Looks for the run, unless the call does not wait any more.</summary>
        internal Task LookAsync(Func<Task> look)
        {
            lock (_gate)
                return Source.Task.IsCompleted ? Task.CompletedTask : _look = look();
        }

        /// <summary>Completes when nobody looks for the run any more.</summary>
        internal Task WhenLooked()
        {
            lock (_gate)
                return _look.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        /// <summary>The host stops: it does not wait any more.</summary>
        internal void LetGo() => Source.TrySetException(
            new RunHandedOverException($"The host stops while flow run {Run.Id} waits. It goes on elsewhere, or after the next start."));

        internal TaskCompletionSource<ClaimedRun?> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
