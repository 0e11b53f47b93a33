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

    private int _undecided;
    private long _moves;
    private TaskCompletionSource? _calm;
    private Task<bool>? _calming;

    /// <summary>Waits until every other step of the run has ended or only waits. False when something has happened since: then look again.</summary>
    internal async ValueTask<bool> SettlesAsync()
    {
        Task<bool> calming;
        lock (_gate)
        {
            _undecided++;

            // One answer for all who ask at the same time: the first who goes on would disturb the others.
            calming = _calming is { IsCompleted: false } running ? running : _calming = Task.Run(BecomeCalmAsync);
            NoteCalm();
        }

        try
        {
            return await calming.WaitAsync(Token).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                _undecided--;
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

    /// <summary>Called under the lock after each change that may leave only steps that wait.</summary>
    private void NoteCalm()
    {
        if (_calm is not null && _running.Count <= _droppable + _undecided)
            _calm.TrySetResult();
    }
}
