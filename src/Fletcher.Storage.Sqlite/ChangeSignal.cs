namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Tells hosts, in this process and in others, that something was written that they look for: it sets the time of a file, which the operating system
/// reports to whoever watches it. The files have a folder of their own, <c>(database).changes</c>: in that of the database each commit of anybody would wake all who watch.
/// </summary>
/// <remarks>
/// A file system that reports nothing, and a process that may watch no more files, have their listeners called ten times a second instead.
/// </remarks>
internal sealed class ChangeSignal : IDisposable
{
    private static readonly TimeSpan CallInstead = TimeSpan.FromMilliseconds(100);

    private readonly string _folder;
    private readonly Lock _gate = new();
    private IDisposable? _watch;
    private int _listening;
    private bool _isDisposed;

    public ChangeSignal(string databasePath)
    {
        _folder = databasePath + ".changes";
        Work = new ChangeMark(_folder, "changed");
        Grants = new ChangeMark(_folder, "granted");
    }

    /// <summary>Messages, runs that wait or have ended, flows: what hosts look for.</summary>
    public ChangeMark Work { get; }

    /// <summary>Places under limits that another process may wait for. Apart, as only those look who wait for one.</summary>
    public ChangeMark Grants { get; }

    private IEnumerable<ChangeMark> Marks => [Work, Grants];

    public IDisposable Listen(ChangeMark mark, Action heard)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteStore));
            if (_listening++ == 0)
                _watch = Watch();
        }

        return new Listening(this, mark.Add(heard));
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _watch?.Dispose();
            _watch = null;
        }

        foreach (var mark in Marks)
            mark.Dispose();
    }

    // One for all marks: of watchers a user may have some hundred only, in all of his processes.
    private IDisposable Watch()
    {
        FileSystemWatcher? watcher = null;
        try
        {
            foreach (var mark in Marks)
                mark.Make();
            watcher = new FileSystemWatcher(_folder) { NotifyFilter = NotifyFilters.LastWrite };
            watcher.Changed += (_, change) =>
            {
                foreach (var mark in Marks)
                {
                    if (mark.Name == change.Name)
                        mark.Hear();
                }
            };
            watcher.Error += (_, _) => TellHere();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            watcher?.Dispose();
            return TimeProvider.System.CreateTimer(static signal => ((ChangeSignal)signal!).TellHere(), this, CallInstead, CallInstead);
        }
    }

    private void TellHere()
    {
        foreach (var mark in Marks)
            mark.TellHere();
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_listening != 0)
                return;
            _watch?.Dispose();
            _watch = null;
        }
    }

    private sealed class Listening(ChangeSignal signal, IDisposable listener) : IDisposable
    {
        private int _isDisposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
                return;
            listener.Dispose();
            signal.Leave();
        }
    }
}
