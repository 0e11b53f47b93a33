namespace Fletcher.Engine;

/// <summary>What happens to code that was told to stop and does not: after a time the run ends without it.</summary>
internal abstract partial class FlowExecution
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    /// <summary>The code of the body, when it did not stop at the flow's Timeout.</summary>
    private Task? _leftBody;

    /// <summary>Whether the run ends although its code still runs.</summary>
    private volatile bool _isLeftBehind;

    /// <summary>The steps around sub-flows that patience has been lost with.</summary>
    private HashSet<StepExecution>? _outwaited;

    /// <summary>Says that the body still runs, unless it was said of it and its steps together.</summary>
    private void NoteLeftBody()
    {
        if (_leftBody is { } body && !_isLeftBehind)
            Host.NoteLeak(Definition.Id, body);
    }

    private async Task LosePatienceAsync()
    {
        while (true)
        {
            try
            {
                await Ended.WaitAsync(Host.CancelGrace, TimeProvider.System).ConfigureAwait(false);
                return;
            }
            catch (TimeoutException)
            {
                lock (_gate)
                {
                    if (IsUndoingInside())
                        continue;
                    LosePatience();
                    return;
                }
            }
        }
    }

    /// <summary>The flow's time is up, and what it called has had its moment to stop.</summary>
    private void LosePatienceAtLimit()
    {
        lock (_gate)
        {
            if (_running.Count > 0 && !IsUndoingInside())
                LosePatience();
        }
    }

    /// <summary>What has not heeded its token by now is left behind. Called under the lock.</summary>
    private void LosePatience()
    {
        List<(StepExecution Step, FlowExecution? Inside)>? around = null;
        for (var step = _running.Newest; step is not null; step = step.Older)
        {
            if (!step.IsAroundFlow || _outwaited?.Contains(step) == true)
                continue;
            var inside = step.Inside;
            inside?.LosePatience();
            (around ??= []).Add((step, inside));
        }

        if (around is null)
            LeaveCode();
        else
            _ = LeaveCodeAfterAsync(around);
    }

    /// <summary>Sub-flows end before the run around them: a crash in between would leave them open for ever, as nobody executes that run again.</summary>
    private async Task LeaveCodeAfterAsync(List<(StepExecution Step, FlowExecution? Inside)> around)
    {
        foreach (var (step, told) in around)
        {
            if (told is not null)
            {
                await told.Ended.ConfigureAwait(false);
            }
            else if (await WhenOpenAsync(step).ConfigureAwait(false) is { } opened)
            {
                await opened.LosePatienceAsync().ConfigureAwait(false);
                await opened.Ended.ConfigureAwait(false);
            }

            // Its record is written a moment later. The limit is for a thread that is blocked.
            for (var looks = 0; step.IsRunning && looks < 1000; looks++)
                await Task.Delay(Look, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        }

        lock (_gate)
        {
            (_outwaited ??= []).UnionWith(around.Select(static one => one.Step));
            LosePatience(); // code that does not heed its token may have come by another one meanwhile
        }
    }

    /// <summary>A flow that was called just now is still being read from the store; null when the step ends without it.</summary>
    private static async ValueTask<FlowExecution?> WhenOpenAsync(StepExecution step)
    {
        while (step.Inside is null && step.IsRunning && step.IsAroundFlow)
            await Task.Delay(Look, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        return step.Inside;
    }

    private void LeaveCode()
    {
        LazyInitializer.EnsureInitialized(ref _patienceEnded).TrySetResult();

        // At its time limit the body has been left by now, and has an error that says so.
        if (!IsExpired && _turn is { } turn && turn.TrySetResult(new OperationCanceledException(StopReason, Token)))
            LeaveBehind(_body);
    }
}
