using System.Data.Common;

namespace Fletcher.Storage.Sqlite;

/// <summary>Where the store is when nobody says otherwise.</summary>
public static class SqliteStorePath
{
    /// <summary>The environment variable that names the database file.</summary>
    public const string EnvironmentVariable = "FLETCHER_STORE";

    /// <summary>
    /// The file that <c>FLETCHER_STORE</c> names, otherwise <c>fletcher/fletcher.db</c> in the user's data folder:
    /// <c>$XDG_DATA_HOME</c> or <c>~/.local/share</c>, on Windows <c>%LOCALAPPDATA%</c>.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The variable names a database server; or the user has no data folder, as some service accounts have none.</exception>
    public static string Default() => Default(Environment.GetEnvironmentVariable, DataFolder);

    internal static string Default(Func<string, string?> environment, Func<string> dataFolder)
    {
        var named = environment(EnvironmentVariable);
        if (!string.IsNullOrWhiteSpace(named))
            return Full(named, EnvironmentVariable);

        // The XDG base directory specification: a relative path is to be ignored.
        var folder = environment("XDG_DATA_HOME");
        if (string.IsNullOrEmpty(folder) || !Path.IsPathFullyQualified(folder))
            folder = dataFolder();
        if (string.IsNullOrEmpty(folder))
        {
            throw new StoreUnavailableException(
                StoreErrors.CannotOpen,
                "There is no place for the store: this user has no data folder (HOME is not set). "
                + $"Set {EnvironmentVariable} to the path of a database file.");
        }

        return Path.Combine(folder, "fletcher", "fletcher.db");
    }

    /// <summary>Whether a text is the connection string of a database server (<c>Host=…;Database=…</c>), and no path.</summary>
    /// <param name="text">The text. A file of this name makes it a path.</param>
    public static bool IsConnectionString(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Contains('=', StringComparison.Ordinal) || File.Exists(text))
            return false;
        try
        {
            var given = new DbConnectionStringBuilder { ConnectionString = text };
            return given.ContainsKey("Host") || given.ContainsKey("Server");
        }
        catch (ArgumentException)
        {
            // A path may hold an equals sign; what begins like a connection string is told as one.
            return text.StartsWith("Host=", StringComparison.OrdinalIgnoreCase) || text.StartsWith("Server=", StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>The full path of a file that somebody named.</summary>
    /// <exception cref="StoreUnavailableException">It is no path. The text is not in the message, as it may have a password.</exception>
    internal static string Full(string path, string source) => IsConnectionString(path)
        ? throw new StoreUnavailableException(
            StoreErrors.CannotOpen,
            $"{source} is the connection string of a database server, and this program keeps its runs in a SQLite file. "
            + "Name a file, or reference the package Fletcher.Storage.PostgreSql and make a host with UsePostgreSql (AddFletcher).")
        : Path.GetFullPath(path);

    private static string DataFolder() => Environment.GetFolderPath(
        Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
}
