using System.Collections.Concurrent;
using Fletcher.Engine;
using Fletcher.Model;
using Fletcher.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Fletcher.Hosting;

/// <summary>The runs that the host has, takes, lets go of and loses.</summary>
public sealed partial class FletcherHost
{
    private const int MostLateArrivals = 1024;

    private readonly ConcurrentDictionary<RunId, TimeSpan> _lateArrivals = new();
    private IReadOnlyDictionary<string, PausedFlow> _paused = new Dictionary<string, PausedFlow>();
    private long _lastMessage;
    private bool _mayHaveLostRuns;

    internal TimeSpan HostTimeout => _options.HostTimeout;

    internal TimeSpan CancelGrace => _options.CancelGrace;

    internal int CrashResumes => _options.CrashResumes;

    /// <summary>The one run that this process was started for; null for all others.</summary>
    internal IsolatedRun? IsolatedRun => _options.IsolatedRun;

    /// <summary>When a run that crashed so many times in a row is resumed; null when that is left to somebody who asks for it.</summary>
    internal DateTimeOffset? ResumeAt(int crashes)
    {
        if (crashes > CrashResumes)
            return null;
        var backoff = _options.CrashBackoff[Math.Min(crashes, _options.CrashBackoff.Count) - 1];
        return backoff == TimeSpan.Zero ? FlowRunRecord.AtOnce : Now + backoff;
    }

    /// <summary>Whether its store has been opened and it is registered there.</summary>
    internal bool IsStarted => _isStarted;

    internal bool TakesRuns => Catalog is not null && _isStarted;

    internal bool IsStopping => Volatile.Read(ref _stop) is not null;

    /// <summary>Whether there is anything that other processes could change, or anybody that must know that this one lives.</summary>
    internal bool IsBusy => !_executions.IsEmpty || !Parked.IsEmpty || !Isolated.IsEmpty || TakesRuns;

    /// <summary>The last message of the store that the runs here have been told of.</summary>
    internal long LastMessage
    {
        get => Volatile.Read(ref _lastMessage);
        set => Volatile.Write(ref _lastMessage, value);
    }

    /// <summary>
    /// Whether the store may have runs for this host's that nobody here executes: one could not write its end, or the answer to a claim
    /// did not arrive.
    /// </summary>
    internal bool MayHaveLostRuns
    {
        get => Volatile.Read(ref _mayHaveLostRuns);
        set => Volatile.Write(ref _mayHaveLostRuns, value);
    }

    internal TimeSpan ShutdownGrace => _options.ShutdownGrace;

    /// <summary>Why the host stops; null while it does not.</summary>
    internal string? EndReason { get; private set; }

    /// <summary>For how long a run must have waited before it is parked.</summary>
    internal TimeSpan ParkAfterOf(RunId run) =>
        _lateArrivals.TryGetValue(run, out var longer) && longer > _options.ParkAfter ? longer : _options.ParkAfter;

    internal bool IsPaused(string flow) => Volatile.Read(ref _paused).ContainsKey(flow);

    internal PausedFlow? FindPause(string flow) => Volatile.Read(ref _paused).GetValueOrDefault(flow);

    internal async ValueTask ReadPausedAsync()
    {
        var paused = await Store.GetPausedAsync(CancellationToken.None).ConfigureAwait(false);
        if (paused.Count > 0 || _paused.Count > 0)
            Volatile.Write(ref _paused, paused.ToDictionary(flow => flow.Flow));
    }

    /// <summary>
    /// Executes a run that the host has claimed and that no call here waits for. A failure is in the run's record; here it has
    /// nobody to be told to.
    /// </summary>
    internal async Task ServeAsync(ClaimedRun claimed)
    {
        using var services = _options.Services?.CreateScope();
        try
        {
            var flow = FindFlow(claimed.Run.Flow)!;
            Runtime.Call call;
            try
            {
                Isolated.Check(flow, claimed.Run.Id);
                call = flow.Bind!(new StoredArguments($"flow '{flow.Id}'", claimed.Run.Parameters, Codec, services?.ServiceProvider));
            }
            catch (Exception e)
            {
                await RefuseAsync(claimed, flow, e).ConfigureAwait(false);
                return;
            }

            await call.ServeAsync(this, claimed).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _ = e; // the run's record and the observers have it
        }
    }

    /// <summary>Takes a run for the calling code; null when other code or another host has it, or it is not to be had.</summary>
    /// <param name="id">The run.</param>
    /// <param name="find">Reads it as it is claimed, once this host owns it; null when it is not to be claimed.</param>
    internal async ValueTask<ClaimedRun?> TryTakeAsync(RunId id, Func<ValueTask<FlowRunRecord?>> find)
    {
        if (!TryOwn(id))
            return null;
        ClaimedRun? taken = null;
        try
        {
            if (await find().ConfigureAwait(false) is { } run && await TryClaimAsync(run).ConfigureAwait(false) is { } claimed)
                taken = new ClaimedRun(claimed, run.State, run.Reason);
            return taken;
        }
        finally
        {
            if (taken is null)
                Disown(id);
        }
    }

    /// <summary>
    /// Claims a run for this host, which owns it already. Never cancelled: who does not know whether he got it would leave it without anybody.
    /// </summary>
    private async ValueTask<FlowRunRecord?> TryClaimAsync(FlowRunRecord run)
    {
        try
        {
            return await Store.TryClaimAsync(run.Id, run.Version, Id, Now, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            MayHaveLostRuns = true;
            throw;
        }
    }

    /// <summary>
    /// Changes a run that nobody here executes, under a fence of its own, so that whoever had it has lost it; its reason goes to the ledger. The run as it is
    /// now; null when it was not as it had been read any more.
    /// </summary>
    internal async ValueTask<FlowRunRecord?> TryReplaceAsync(FlowRunRecord run, FlowRunRecord changed, string? next = null)
    {
        changed = changed with { Fence = run.Fence + 1 };
        var entry = new LedgerEntry
        {
            RunId = run.Id,
            At = Now,
            From = run.State.ToString(),
            To = changed.State.ToString(),
            Actor = "engine",
            Reason = changed.Reason!,
            Next = next,
        };
        return await Store.TryReplaceAsync(changed, run.Version, [entry], CancellationToken.None).ConfigureAwait(false) ? changed : null;
    }

    /// <summary>Gives a claimed run back to the store, as due: nobody here takes it.</summary>
    internal async ValueTask PutBackAsync(ClaimedRun claimed)
    {
        var run = claimed.Run;
        await TryReplaceAsync(run, run with { State = FlowRunState.Queued, HostId = null, WakeAt = FlowRunRecord.AtOnce, Reason = "nobody waited for it any more" })
            .ConfigureAwait(false);
        Disown(run.Id);
    }

    /// <summary>An older execution of a run that this host has just claimed again had been taken for dead: it must stop before the new one begins.</summary>
    internal void ForgetLost(RunId run)
    {
        if (FindExecution(run) is { } older)
            older.Lose();
    }

    /// <summary>Looks whether the runs that the host has are still its own; after a silence they may not be.</summary>
    internal async ValueTask VerifyLeasesAsync()
    {
        foreach (var execution in Executions.Where(execution => execution.Root == execution))
            await VerifyLeaseAsync(execution).ConfigureAwait(false);
    }

    /// <summary>Finds out whether somebody has taken a run while this process was silent.</summary>
    internal async ValueTask VerifyLeaseAsync(FlowExecution root)
    {
        var run = await Store.GetFlowRunAsync(root.Id, CancellationToken.None).ConfigureAwait(false);
        if (run is not null && run.Fence > root.Lease.Key.Fence)
            root.Lose();
    }

    /// <summary>A parked run goes on at once, and waits longer before it is parked again.</summary>
    internal void WakeLate(FlowExecution parked, TimeSpan quietFor)
    {
        if (_lateArrivals.Count >= MostLateArrivals)
            _lateArrivals.Clear();
        if (_lateArrivals.AddOrUpdate(parked.Id, quietFor * 2, (_, before) => before > quietFor ? before : quietFor * 2) == quietFor * 2)
            _ = WakeLateAsync(parked);
    }

    private async Task WakeLateAsync(FlowExecution parked)
    {
        await parked.Ended.ConfigureAwait(false);
        var run = parked.Record;
        try
        {
            await TryReplaceAsync(run, run with { State = FlowRunState.Queued, WakeAt = FlowRunRecord.AtOnce, Reason = "its code went on while it was parked" })
                .ConfigureAwait(false);
            Parked.Wake(run.Id);
            Loop.Poke();
        }
        catch (StoreUnavailableException e)
        {
            Observers.Note($"Flow run {run.Id} could not be woken: {e.Message}");
        }
    }

    /// <summary>Told by the writer: the store refuses what is written under this lease.</summary>
    private void NoteLost(RunLease lease)
    {
        if (FindExecution(lease.Root) is { } execution && execution.Lease.Key == lease && !execution.Lease.IsLost)
            execution.Lose();
    }

    /// <summary>Ends a run whose parameters the flow does not take (any more).</summary>
    private async Task RefuseAsync(ClaimedRun claimed, Runtime.FlowDefinition flow, Exception error)
    {
        var lease = new Lease(claimed.Run);
        var failed = claimed.Run with
        {
            State = FlowRunState.Failed,
            HostId = null,
            EndedAt = Now,
            Reason = "it cannot be executed here: its parameters do not fit the flow, or the flow not this host",
            Error = Capture(error, new Cause(claimed.Run.Id, 0)) with { Class = FailureClass.Input },
        };
        await Writer.CommitAsync(Writer.Add(failed, lease)).ConfigureAwait(false);
        Disown(failed.Id);
        Observers.FlowRunChanged(failed, flow);
    }
}
