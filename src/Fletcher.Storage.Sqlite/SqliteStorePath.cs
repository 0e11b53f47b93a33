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
    /// <exception cref="StoreUnavailableException">The user has no data folder, as some service accounts have none.</exception>
    public static string Default() => Default(Environment.GetEnvironmentVariable, DataFolder);

    internal static string Default(Func<string, string?> environment, Func<string> dataFolder)
    {
        var named = environment(EnvironmentVariable);
        if (!string.IsNullOrWhiteSpace(named))
            return Path.GetFullPath(named);

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

    private static string DataFolder() => Environment.GetFolderPath(
        Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
}
