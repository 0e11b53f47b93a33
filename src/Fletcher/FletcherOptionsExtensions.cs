using Fletcher.Storage;
using Fletcher.Storage.Sqlite;
using Fletcher.Terminal;

namespace Fletcher.Hosting;

/// <summary>Chooses what the package Fletcher brings.</summary>
public static class FletcherOptionsExtensions
{
    /// <summary>Keeps runs in a SQLite file.</summary>
    /// <param name="options">The host's options.</param>
    /// <param name="path">The file. Default: what <c>FLETCHER_STORE</c> says, else <c>fletcher/fletcher.db</c> in the user's data folder.</param>
    /// <param name="durability">What a commit survives. Default: power loss.</param>
    public static FletcherOptions UseSqlite(
        this FletcherOptions options, string? path = null, Durability durability = Durability.Full)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Store = () => new SqliteStore(new SqliteStoreOptions { Path = path, Durability = durability });
        return options;
    }

    /// <summary>Shows runs on the console, on standard error: a live tree on a terminal, lines elsewhere, and an explanation when a run fails.</summary>
    /// <param name="options">The host's options.</param>
    /// <param name="console">What to show; null for the defaults.</param>
    public static FletcherOptions UseConsole(this FletcherOptions options, ConsoleOptions? console = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Observe(store =>
        {
            var observer = new ConsoleObserver(store, options.Time, options.Advisors, console);
            options.CoordinateConsole = (writer, isError) =>
                observer.Coordinate(writer, isError ? Console.IsErrorRedirected : Console.IsOutputRedirected);
            return observer;
        });
        return options;
    }
}
