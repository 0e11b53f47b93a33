namespace Fletcher.Storage.PostgreSql;

public sealed partial class PostgreSqlStore
{
    /// <inheritdoc/>
    /// <remarks>While the connection on which it hears other processes is away they are not heard; it calls when the connection is back.</remarks>
    public IDisposable Listen(Action heard)
    {
        ArgumentNullException.ThrowIfNull(heard);
        _ = Opened;
        return _listener.Add(heard);
    }
}
