using System.Collections.Concurrent;
using Fletcher.Hosting;
using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>
/// The calls in this process that wait for a run which this host has left: it is parked, or another host goes on with it. When the
/// run is due, the call that waits gets it back, unless another host was faster.
/// </summary>
internal sealed class ParkedCalls(FletcherHost host)
{
    // A run that somebody else has is looked at so often; more seldom when there are many.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private const int LooksAtOnce = 200;
    private static readonly TimeSpan RingEvery = TimeSpan.FromDays(30);

    private readonly ConcurrentDictionary<RunId, ParkedCall> _calls = new();

    internal bool IsEmpty => _calls.IsEmpty;

    internal bool Has(RunId run) => _calls.ContainsKey(run);

    /// <summary>Waits until this host has the run again; null when it has ended, or somebody else goes on with it.</summary>
    internal async Task<ClaimedRun?> ReturnAsync(FlowRunRecord parked, CancellationToken cancellationToken)
    {
        var call = new ParkedCall(parked);
        _calls[parked.Id] = call;
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

    /// <summary>Something was sent to the run: it is due.</summary>
    internal void Wake(RunId run)
    {
        if (_calls.TryGetValue(run, out var call))
            call.LookAt = DateTimeOffset.MinValue;
    }

    /// <summary>Lets go of every call, as the host stops.</summary>
    internal void Release()
    {
        foreach (var call in _calls.Values)
            call.LetGo();
    }

    /// <summary>Claims what is due.</summary>
    internal async ValueTask BeatAsync()
    {
        var now = host.Now;
        var looks = 0;
        foreach (var call in _calls.Values)
        {
            var isDue = call.Run.WakeAt <= now;
            if ((!isDue && call.LookAt > now) || ++looks > LooksAtOnce)
                continue;
            call.LookAt = now + (LookEvery * (1 + (_calls.Count / LooksAtOnce)));
            await call.LookAsync(() => LookAsync(call, now)).ConfigureAwait(false);
        }
    }

    private async Task LookAsync(ParkedCall call, DateTimeOffset now)
    {
        var run = await host.Store.GetFlowRunAsync(call.Run.Id, CancellationToken.None).ConfigureAwait(false);
        if (run is null || run.State is FlowRunState.Completed or FlowRunState.Failed or FlowRunState.Cancelled)
        {
            call.Source.TrySetResult(null);
            return;
        }

        call.Run = run;
        if (run.HostId is not null)
        {
            if (await host.IsLostAsync(run).ConfigureAwait(false))
                call.Source.TrySetResult(null);
            return;
        }

        if (!(run.WakeAt <= now) || (host.IsPaused(run.Flow) && !await IsToStopAsync(run.Id).ConfigureAwait(false)) || !host.TryOwn(run.Id))
            return;
        FlowRunRecord? claimed = null;
        try
        {
            claimed = await host.TryClaimAsync(run).ConfigureAwait(false);
        }
        finally
        {
            if (claimed is null)
                host.Disown(run.Id);
        }

        if (claimed is null)
            return;
        var given = new ClaimedRun(claimed, run.State, run.Reason);
        if (!call.Source.TrySetResult(given))
            await host.PutBackAsync(given).ConfigureAwait(false);
    }

    /// <summary>Whether the run was asked to stop: that must be done although its flow is paused.</summary>
    private async ValueTask<bool> IsToStopAsync(RunId run)
    {
        var messages = await host.Store.GetUntakenAsync(run, CancellationToken.None).ConfigureAwait(false);
        return messages.Any(message => message.Kind == MessageKind.Cancel && message.RunId == run);
    }

    private sealed class ParkedCall(FlowRunRecord run)
    {
        internal FlowRunRecord Run { get; set; } = run;

        /// <summary>When to look whether somebody else has changed the run.</summary>
        internal DateTimeOffset LookAt { get; set; }

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
