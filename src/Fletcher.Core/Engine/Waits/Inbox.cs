using Fletcher.Model;

namespace Fletcher.Engine;

/// <summary>
/// The signals and answers that were sent to a family of runs and that no wait has taken. A message is given to one wait: the first that asks
/// for its name. That it was taken is written together with the end of the wait, so a crash in between gives it out again.
/// </summary>
internal sealed class Inbox
{
    private readonly Lock _gate = new();
    private readonly HashSet<long> _known = [];
    private readonly List<RunMessage> _messages = [];
    private readonly List<Waiter> _waiters = [];
    private int _given;

    /// <summary>Takes a message in; once, however often it is told of it.</summary>
    internal void Receive(RunMessage message)
    {
        lock (_gate)
        {
            if (_known.Add(message.Number))
                Offer(message);
        }
    }

    /// <summary>The next message of this kind and name; the caller has it alone.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="name">The signal's name, or the number of the question.</param>
    /// <param name="run">The run that waits.</param>
    /// <param name="root">The outermost run of its family; what is sent to it is for all of them.</param>
    internal TaskCompletionSource<RunMessage> Take(MessageKind kind, string name, RunId run, RunId root)
    {
        var waiter = new Waiter(kind, name, run, root);
        lock (_gate)
        {
            if (_messages.FindIndex(waiter.Wants) is var found && found >= 0)
            {
                _given++;
                waiter.Source.SetResult(_messages[found]);
                _messages.RemoveAt(found);
            }
            else
            {
                _waiters.Add(waiter);
            }
        }

        return waiter.Source;
    }

    /// <summary>Whether a wait has been given a message and has not said yet that it took it: the run must not be dropped now.</summary>
    internal bool IsGiving
    {
        get
        {
            lock (_gate)
                return _given > 0;
        }
    }

    /// <summary>The wait that was given a message has written that.</summary>
    internal void Acknowledge()
    {
        lock (_gate)
            _given--;
    }

    /// <summary>The wait is over without a message. False when it has got one in the meantime.</summary>
    internal bool GiveUp(TaskCompletionSource<RunMessage> wait)
    {
        lock (_gate)
            return _waiters.RemoveAll(waiter => waiter.Source == wait) > 0;
    }

    /// <summary>The wait was cut off. A message that it has got in the meantime is for another one.</summary>
    internal void Abandon(TaskCompletionSource<RunMessage> wait)
    {
        lock (_gate)
        {
            if (_waiters.RemoveAll(waiter => waiter.Source == wait) > 0 || !wait.Task.IsCompletedSuccessfully)
                return;
            _given--;
            Offer(wait.Task.Result);
        }
    }

    /// <summary>Gives a message to the first that wants it, or keeps it. Called under the lock.</summary>
    private void Offer(RunMessage message)
    {
        var waiter = _waiters.FindIndex(waiter => waiter.Wants(message));
        if (waiter < 0)
        {
            var later = _messages.FindIndex(other => other.Number > message.Number);
            _messages.Insert(later < 0 ? _messages.Count : later, message);
            return;
        }

        _given++;
        _waiters[waiter].Source.TrySetResult(message);
        _waiters.RemoveAt(waiter);
    }

    private sealed record Waiter(MessageKind Kind, string Name, RunId Run, RunId Root)
    {
        internal TaskCompletionSource<RunMessage> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal bool Wants(RunMessage message) =>
            message.Kind == Kind && message.Name == Name && (message.RunId == Run || (message.RunId == Root && Kind == MessageKind.Signal));
    }
}
