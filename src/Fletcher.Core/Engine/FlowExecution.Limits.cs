using Fletcher.Model;
using Fletcher.Storage;

namespace Fletcher.Engine;

/// <summary>
/// The limit under which the flow's body is executed, and what the run shows while all it does is to wait for limits. A run that waits for a limit is not parked: its place in the line
/// belongs to its lease.
/// </summary>
internal abstract partial class FlowExecution
{
    private Dictionary<StepExecution, string>? _limitWaits;
    private bool _showsLimitWait;
    private bool _givesWay;

    /// <summary>Whether the host took the run by itself, so that it counts among those that it executes at the same time.</summary>
    internal bool IsServed { get; init; }

    /// <summary>The place under the flow's limit; null while it has none.</summary>
    internal LimitHold? Hold { get; private set; }

    /// <summary>Notes that a step waits for a limit and why; or, when there is no reason, that it does not (any more).</summary>
    internal void NoteLimitWait(StepExecution step, string? reason)
    {
        lock (_gate)
        {
            if (reason is not null)
                (_limitWaits ??= [])[step] = reason;
            else if (_limitWaits is null || !_limitWaits.Remove(step))
                return;
        }

        if (reason is null)
            ShowLimitWait();
    }

    /// <summary>Says in the run's record that all it does is to wait for limits, or that this is over. Called by the host's pulse, and when a wait ends.</summary>
    internal void ShowLimitWait()
    {
        if (_limitWaits is null)
            return;
        FlowRunRecord changed;
        lock (_gate)
        {
            var reason = OnlyWaitForLimits();
            if (reason is not null == _showsLimitWait || IsFrozen || IsLeaving || _isClosed || Record.State is not (FlowRunState.Running or FlowRunState.Waiting))
                return;
            _showsLimitWait = reason is not null;
            Change(Record with { State = reason is null ? FlowRunState.Running : FlowRunState.Waiting, Reason = reason });
            changed = Record;

            // Under the lock: behind it the run may end, and this must not come behind its end.
            Write(changed);
        }

        GiveWay(changed.State == FlowRunState.Waiting);
        Host.Observers.FlowRunChanged(changed, Definition);
    }

    /// <summary>Lets the host take another run while this one only waits for a limit, or counts again.</summary>
    private void GiveWay(bool givesWay)
    {
        lock (_gate)
        {
            if (!IsServed || _givesWay == givesWay)
                return;
            _givesWay = givesWay;
        }

        Host.Loop.GiveWay(givesWay);
    }

    /// <summary>Why the run waits, if every step that runs waits for a limit, or is around one that does. Called under the lock.</summary>
    private string? OnlyWaitForLimits()
    {
        if (_limitWaits is not { Count: > 0 } waits || _onStack > 0)
            return null;
        for (var step = _running.Newest; step is not null; step = step.Older)
        {
            if (!waits.ContainsKey(step) && !waits.Keys.Any(waiting => IsInside(waiting, step)))
                return null;
        }

        var first = waits.Values.First();
        return waits.Count == 1 ? first : $"{first}; {waits.Count - 1} more of its steps wait for limits";
    }

    /// <summary>Executes the body once, under the flow's limit when it has one.</summary>
    private async ValueTask<Exception?> ExecuteUnderLimitAsync(long seen, DateTimeOffset deadline)
    {
        if (Definition.Limit is null)
            return await ExecuteBodyAsync(seen, deadline).ConfigureAwait(false);

        try
        {
            await AcquireAsync(seen, deadline).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return e;
        }

        var error = await ExecuteBodyAsync(seen, deadline).ConfigureAwait(false);
        var end = IsFrozen || (error is OperationCanceledException && IsStopped) ? LimitEnd.Unknown
            : error is null ? LimitEnd.Succeeded : LimitEnd.Failed;
        Hold?.Release(end, end == LimitEnd.Failed ? Host.KindOf(error!) : null);
        Hold = null;
        return error;
    }

    /// <summary>Waits for the place under the flow's limit; the run shows that it does.</summary>
    private async ValueTask AcquireAsync(long seen, DateTimeOffset deadline)
    {
        // A place belongs to the run's record.
        await CommitAsync(seen).ConfigureAwait(false);
        try
        {
            Hold = await LimitUse.AcquireAsync(this, Call, Outer?.Caller, 0, NoteWait, deadline, _stop.Token).ConfigureAwait(false)
                ?? throw new StepTimeoutException($"Flow '{Definition.Id}' took longer than its Timeout of {Definition.Timeout} while it waited for limit '{Definition.Limit}'.");
        }
        finally
        {
            if (Record.State == FlowRunState.Waiting && !IsLeaving && !IsFrozen)
                Show(FlowRunState.Running, null);
        }
    }

    private void NoteWait(string reason)
    {
        var from = Record.State;
        Show(FlowRunState.Waiting, reason);
        Ledger(from, reason, null);
    }

    private void Show(FlowRunState state, string? reason)
    {
        Change(Record with { State = state, Reason = reason });
        Write(Record);
        GiveWay(state == FlowRunState.Waiting);
        Host.Observers.FlowRunChanged(Record, Definition);
    }
}
