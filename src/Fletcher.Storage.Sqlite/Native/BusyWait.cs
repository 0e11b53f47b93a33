namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Waits while another process has the database. The pauses stay short, because SQLite has no queue: whoever looks most
/// often gets in, and a process that commits without pause leaves only gaps of microseconds. Real time, as the other process is real.
/// </summary>
internal struct BusyWait(string path, TimeSpan limit)
{
    private const int LongestPause = 8;

    private readonly long _began = TimeProvider.System.GetTimestamp();
    private int _pause = 1;
    private int _tries;

    public async ValueTask PauseAsync(CancellationToken cancellationToken) =>
        await Task.Delay(NextPause(), TimeProvider.System, cancellationToken).ConfigureAwait(false);

    private TimeSpan NextPause()
    {
        if (TimeProvider.System.GetElapsedTime(_began) > limit)
            throw StoreErrors.StillBusy(path, limit);

        if (++_tries % 8 == 0 && _pause < LongestPause)
            _pause *= 2;
        return TimeSpan.FromMilliseconds(_pause);
    }
}
