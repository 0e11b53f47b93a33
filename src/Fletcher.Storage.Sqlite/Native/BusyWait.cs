namespace Fletcher.Storage.Sqlite;

/// <summary>
/// Waits while another process has the database. The pauses stay short, because SQLite has no queue: whoever looks most
/// often gets in, and a process that commits without pause leaves only gaps of microseconds.
/// </summary>
internal struct BusyWait(string path, TimeSpan limit, TimeProvider time)
{
    private const int LongestPause = 8;

    private readonly long _began = time.GetTimestamp();
    private int _pause = 1;
    private int _tries;

    public async ValueTask PauseAsync(CancellationToken cancellationToken) =>
        await Task.Delay(NextPause(), time, cancellationToken).ConfigureAwait(false);

    private TimeSpan NextPause()
    {
        if (time.GetElapsedTime(_began) > limit)
            throw StoreErrors.StillBusy(path, limit);

        if (++_tries % 8 == 0 && _pause < LongestPause)
            _pause *= 2;
        return TimeSpan.FromMilliseconds(_pause);
    }
}
