namespace Fletcher.Storage.PostgreSql;

public sealed partial class PostgreSqlStore
{
    /// <summary>
    /// Calls <paramref name="heard"/> when something may have been written, by this store or another, that a host looks for: a message, a run that is
    /// due, a pause, a limit. Only a hint: many things may be told at once, it may come without a reason, and while the connection is away it does
    /// not come; it comes when the connection is back. It must be quick, and must not throw.
    /// </summary>
    /// <param name="heard">What to call, on any thread.</param>
    /// <returns>Ends it when it is disposed.</returns>
    public IDisposable Listen(Action heard)
    {
        ArgumentNullException.ThrowIfNull(heard);
        _ = Opened;
        return _listener.Add(heard);
    }
}
