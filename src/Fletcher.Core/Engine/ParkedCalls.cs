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
        if (host.IsStopping)
            Release(); // nobody else would, if the host stopped while the run was being parked

        // A clock that skips waits must know of this one; it is over when the run is looked for after its time.
        var clock = host.Time as IWaitClock;
        using var wait = clock?.BeginWait(parked.WakeAt ?? DateTimeOffset.MaxValue);
        using var alarm = clock is null || parked.WakeAt is null ? null : RingAt(parked.WakeAt.Value);
        try
        {
            return await call.Source.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!call.Source.TrySetCanceled(cancellationToken))
        {
            return await call.Source.Task.ConfigureAwait(false); // it was given to the call in this very moment
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
            call.Source.TrySetException(new RunHandedOverException($"The host stops while flow run {call.Run.Id} waits. It goes on elsewhere, or after the next start."));
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
            await LookAsync(call, now).ConfigureAwait(false);
        }
    }

    private async ValueTask LookAsync(ParkedCall call, DateTimeOffset now)
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

        if (!(run.WakeAt <= now) || host.IsPaused(run.Flow) || !host.TryOwn(run.Id))
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

    private sealed class ParkedCall(FlowRunRecord run)
    {
        internal FlowRunRecord Run { get; set; } = run;

        /// <summary>When to look whether somebody else has changed the run.</summary>
        internal DateTimeOffset LookAt { get; set; }

        internal TaskCompletionSource<ClaimedRun?> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
