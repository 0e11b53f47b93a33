namespace Fletcher.Storage;

/// <summary>Who is called when something changed. For stores: what <see cref="IRunStore.Listen"/> returns, and whom to tell.</summary>
public sealed class ListenerList
{
    private Action[] _listeners = [];

    /// <summary>Whether anybody listens.</summary>
    public bool IsEmpty => Volatile.Read(ref _listeners).Length == 0;

    /// <summary>Adds one.</summary>
    /// <returns>Takes it out again.</returns>
    public IDisposable Add(Action heard)
    {
        ArgumentNullException.ThrowIfNull(heard);
        var added = new Listener(this, heard);
        Change(listeners => [.. listeners, added.Tell]);
        return added;
    }

    /// <summary>Calls all of them, on this thread.</summary>
    public void Tell()
    {
        foreach (var listener in Volatile.Read(ref _listeners))
            listener();
    }

    private void Change(Func<Action[], Action[]> change)
    {
        Action[] before;
        do
        {
            before = Volatile.Read(ref _listeners);
        }
        while (Interlocked.CompareExchange(ref _listeners, change(before), before) != before);
    }

    private sealed class Listener(ListenerList list, Action heard) : IDisposable
    {
        // Equal for equal targets and methods, so it finds itself in the list, and no other who was given the same to call.
        public void Tell() => heard();

        public void Dispose() => list.Change(listeners => [.. listeners.Where(listener => listener != Tell)]);
    }
}
