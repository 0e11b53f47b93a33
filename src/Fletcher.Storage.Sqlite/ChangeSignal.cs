using Microsoft.Win32.SafeHandles;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Tells hosts, in this process and in others, that something was written that they look for: it sets the time of a file, which the operating system
/// reports to whoever watches it. The file has a folder of its own, <c>(database).changes</c>: in that of the database each commit of anybody would wake all who watch.
/// </summary>
/// <remarks>
/// A file system that reports nothing, and a process that may watch no more files, have their listeners called ten times a second instead.
/// </remarks>
internal sealed class ChangeSignal(string databasePath) : IDisposable
{
    private const string Name = "changed";
    private static readonly TimeSpan CallInstead = TimeSpan.FromMilliseconds(100);

    private readonly string _folder = databasePath + ".changes";
    private readonly ListenerList _listeners = new();
    private readonly Lock _gate = new();
    private SafeFileHandle? _file;
    private IDisposable? _watch;
    private int _listening;
    private long _own;
    private bool _isDisposed;

    private string FilePath => Path.Combine(_folder, Name);

    /// <summary>Says that something was committed. It costs some microseconds, and never fails: it is only a hint.</summary>
    public void Tell()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            try
            {
                _file ??= Open();
                // The time is also this process's mark: it need not hear itself. Times are whole ticks, and no two of a process are the same.
                var now = Math.Max(TimeProvider.System.GetUtcNow().UtcTicks, _own + 1);
                Volatile.Write(ref _own, now);
                File.SetLastWriteTimeUtc(_file, new DateTime(now, DateTimeKind.Utc));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Others look by themselves now and then; the next one tries again.
                _file?.Dispose();
                _file = null;
            }
        }

        // After the mark: whoever listens here looks now, and so sees what another process wrote before the mark that was overwritten with this one.
        _listeners.Tell();
    }

    public IDisposable Listen(Action heard)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteStore));
            if (_listening++ == 0)
                _watch = Watch();
        }

        return new Listening(this, _listeners.Add(heard));
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _file?.Dispose();
            _file = null;
            _watch?.Dispose();
            _watch = null;
        }
    }

    private SafeFileHandle Open()
    {
        Directory.CreateDirectory(_folder);
        return File.OpenHandle(FilePath, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }

    private IDisposable Watch()
    {
        FileSystemWatcher? watcher = null;
        try
        {
            _file ??= Open();
            watcher = new FileSystemWatcher(_folder, Name) { NotifyFilter = NotifyFilters.LastWrite };
            watcher.Changed += (_, _) => Hear();
            watcher.Error += (_, _) => _listeners.Tell();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            watcher?.Dispose();
            return TimeProvider.System.CreateTimer(static listeners => ((ListenerList)listeners!).Tell(), _listeners, CallInstead, CallInstead);
        }
    }

    private void Hear()
    {
        try
        {
            if (File.GetLastWriteTimeUtc(FilePath).Ticks == Volatile.Read(ref _own))
                return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It cannot be told whose it is.
        }

        _listeners.Tell();
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
