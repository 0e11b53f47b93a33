using Fletcher.Storage.PostgreSql;

namespace Fletcher.Hosting;

/// <summary>Chooses the PostgreSQL store.</summary>
public static class PostgreSqlOptionsExtensions
{
    /// <summary>Keeps runs in a PostgreSQL database (14 or newer), which any number of hosts may share.</summary>
    /// <param name="options">The host's options.</param>
    /// <param name="connectionString">
    /// Where the database is and who logs in: <c>Host=db;Database=fletcher;Username=fletcher;Password=…</c>. It is never shown.
    /// </param>
    /// <param name="schema">The schema that holds Fletcher's tables; it is created when missing. Default: <c>fletcher</c>.</param>
    /// <exception cref="ArgumentException">The connection string cannot be read or names no server, or the schema's name is not allowed.</exception>
    public static FletcherOptions UsePostgreSql(this FletcherOptions options, string connectionString, string schema = "fletcher") =>
        options.UsePostgreSql(new PostgreSqlStoreOptions { ConnectionString = connectionString, Schema = schema });

    /// <summary>Keeps runs in a PostgreSQL database (14 or newer), set up in every detail.</summary>
    /// <param name="options">The host's options.</param>
    /// <param name="store">How the store is set up.</param>
    /// <exception cref="ArgumentException">The connection string cannot be read or names no server, or the schema's name is not allowed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option of the store is out of its range.</exception>
    public static FletcherOptions UsePostgreSql(this FletcherOptions options, PostgreSqlStoreOptions store)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(store);
        // Now, so that a mistake is met where it was made; nothing is connected before the host starts.
        PostgreSqlStore.Check(store);
        options.Store = () => new PostgreSqlStore(store);
        return options;
    }
}
