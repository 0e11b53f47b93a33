using Fletcher.Storage;
using Fletcher.Storage.PostgreSql;
using Fletcher.Storage.Sqlite;

namespace Fletcher.Torture;

/// <summary>Where the store of a torture is, in one word of the command line.</summary>
internal static class StorePlace
{
    /// <summary>Makes a store in the file, with this clock, or in the database of this connection string, whose server has its own.</summary>
    public static IRunStore Open(string place, Durability durability, TimeProvider? clock = null) => place.StartsWith("Host=", StringComparison.Ordinal)
        ? new PostgreSqlStore(place)
        : new SqliteStore(new SqliteStoreOptions { Path = place, Durability = durability, TimeProvider = clock ?? TimeProvider.System });
}
