using Microsoft.Win32.SafeHandles;

namespace Fletcher.Storage.Sqlite;

/// <summary>
/// One thing that hosts look for, as a file: whoever writes such a thing sets the file's time, and <see cref="ChangeSignal"/> hears that.
/// </summary>
internal sealed class ChangeMark(string folder, string name) : IDisposable
{
    private readonly string _path = Path.Combine(folder, name);
    private readonly ListenerList _listeners = new();
    private readonly Lock _gate = new();
    private SafeFileHandle? _file;
    private long _own;
    private bool _isDisposed;

    /// <summary>The file's name.</summary>
    public string Name => name;

    /// <summary>Says that something was committed. It costs some microseconds, and never fails: it is only a hint.</summary>
    public void Tell()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            try
            {
                MakeInTurn();
                // The time is also this process's mark: it need not hear itself. Times are whole ticks, and no two of a process are the same.
                var now = Math.Max(TimeProvider.System.GetUtcNow().UtcTicks, _own + 1);
                Volatile.Write(ref _own, now);
                File.SetLastWriteTimeUtc(_file!, new DateTime(now, DateTimeKind.Utc));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Others look by themselves now and then; the next one tries again.
                _file?.Dispose();
                _file = null;
            }
        }

        // After the mark: whoever listens here looks now, and so sees what another process wrote before the mark that was overwritten with this one.
        TellHere();
    }

    /// <summary>Calls those who listen in this process.</summary>
    public void TellHere() => _listeners.Tell();

    /// <summary>The operating system reports that the file was changed.</summary>
    public void Hear()
    {
        try
        {
            if (File.GetLastWriteTimeUtc(_path).Ticks == Volatile.Read(ref _own))
                return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It cannot be told whose it is.
        }

        TellHere();
    }

    public IDisposable Add(Action heard) => _listeners.Add(heard);

    /// <summary>Makes the file, so that it can be watched.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be made.</exception>
    public void Make()
    {
        lock (_gate)
        {
            if (!_isDisposed)
                MakeInTurn();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _file?.Dispose();
            _file = null;
        }
    }

    private void MakeInTurn()
    {
        if (_file is not null)
            return;
        Directory.CreateDirectory(folder);
        _file = File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }
}
