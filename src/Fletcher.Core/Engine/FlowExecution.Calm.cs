namespace Fletcher.Engine;

/// <summary>
/// Strands that run side by side come to a call site in another order each time. Whether a call has drifted, or is only early, shows when
/// nothing else goes on: then the call that the left-over record belongs to would have come.
/// </summary>
internal abstract partial class FlowExecution
{
    /// <summary>
    /// Code between two steps is not seen, so the run must have been calm for this long. In real time, as that code runs in real time. Only a step
    /// that is about to be stopped for drift waits for it.
    /// </summary>
    private static readonly TimeSpan CalmFor = TimeSpan.FromMilliseconds(250);

    private int _still;
    private long _moves;
    private TaskCompletionSource? _calm;
    private Task<bool>? _calming;

    /// <summary>Waits until every other step of the run has ended or only waits. False when something has happened since: then look again.</summary>
    internal async ValueTask<bool> SettlesAsync(StepExecution step)
    {
        Task<bool> calming;
        lock (_gate)
        {
            CountStill(step, 1);
            NoteCalm();

            // One answer for all who ask at the same time: the first who goes on would disturb the others.
            calming = _calming is { IsCompleted: false } running ? running : _calming = Task.Run(BecomeCalmAsync);
        }

        try
        {
            return await calming.WaitAsync(Token).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                CountStill(step, -1);
        }
    }

    private async Task<bool> BecomeCalmAsync()
    {
        Task calm;
        lock (_gate)
        {
            _calm = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            calm = _calm.Task;
            NoteCalm();
        }

        await calm.ConfigureAwait(false);
        long moves;
        lock (_gate)
            moves = _moves;
        await Task.Delay(CalmFor, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        lock (_gate)
            return moves == _moves;
    }

    /// <summary>Keeps that a step only waits, and so do those around it as far as it is seen, or that it goes on. Called under the lock.</summary>
    private void CountStill(StepExecution step, int change)
    {
        for (var around = step; around is not null && around.Run == this; around = around.Caller.Step)
        {
            var before = around.Still;
            around.Still += change;
            if (before == 0 || around.Still == 0)
                _still += change;
        }
    }

    /// <summary>Called under the lock after each change that may leave only steps that wait.</summary>
    private void NoteCalm()
    {
        if (_calm is not null && _running.Count <= _droppable + _still)
            _calm.TrySetResult();
    }
}
